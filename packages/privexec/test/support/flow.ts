import fc from 'fast-check'
import { settle } from './link.ts'

/** Sizes in bytes of what a sender sends, piece by piece. */
export const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(70_000), fc.nat(600_000)), { maxLength: 12 })

/** How many turns a reader takes after each chunk, over and over. */
export const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 5 })

/** Pieces of these sizes, each of a byte of its own. */
export const piecesOf = (sizes: readonly number[]): Buffer[] => sizes.map((size, at) => Buffer.alloc(size, at + 1))

/** Reads to the end and takes its time; `take` hears the length of each chunk before that. */
export async function readSlowly(
  from: AsyncIterable<Uint8Array>,
  delays: readonly number[],
  take: (length: number) => void = () => {},
): Promise<Buffer> {
  const read: Buffer[] = []
  for await (const chunk of from) {
    take(chunk.length)
    await settle(delays[read.push(Buffer.from(chunk)) % delays.length])
  }
  return Buffer.concat(read)
}
