import { openZfsStore } from '../../../apps/pgd/src/store/zfs/open.ts'

/** A call of the store, as it comes on standard input: an array of them in JSON. */
export interface StoreCall {
  readonly call: string
  readonly args?: readonly unknown[]
}

/** Stands for a server that need not be told of a copy. */
export const notRunning = '$notRunning'

/** What became of a call. */
export interface StoreAnswer {
  readonly value?: unknown
  readonly code?: string
  readonly message?: string
  /** Milliseconds. */
  readonly took: number
}

/** Answers the calls as the account that runs this, one after another, or all at once. */
async function main(): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const calls = JSON.parse(Buffer.concat(chunks).toString()) as StoreCall[]
  const store = (await openZfsStore()) as unknown as Record<string, (...args: unknown[]) => unknown>
  const answer = async ({ call, args = [] }: StoreCall): Promise<StoreAnswer> => {
    const began = performance.now()
    const all = args.map(arg => (arg === notRunning ? async (copy: () => Promise<void>) => void (await copy()) : arg))
    try {
      const value = await store[call]?.(...all)
      // Maps of the listing are for the store itself.
      return { value: JSON.parse(JSON.stringify(value ?? null)), took: performance.now() - began }
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      return { ...(code === undefined ? {} : { code }), message, took: performance.now() - began }
    }
  }
  const answers: StoreAnswer[] = []
  if (process.argv[2] === 'together') answers.push(...(await Promise.all(calls.map(answer))))
  else for (const call of calls) answers.push(await answer(call))
  process.stdout.write(JSON.stringify(answers))
}

if (import.meta.main) await main()
