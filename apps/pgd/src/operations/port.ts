import type { Context } from '../context.ts'
import { allotPort, claimEarly, type PortWish } from '../locks/ports.ts'
import { parsePort } from '../names/port.ts'
import { type Ref, showRef } from '../names/ref.ts'
import { portsOf, type World, worldOf } from '../world/world.ts'
import type { Call } from './step.ts'

/** Allots a port to a branch, or the wished one, and keeps others from it until it stands in the facts. */
export async function withPort<T>(
  context: Context,
  ref: Ref,
  wished: number | undefined,
  call: Call,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const claim = await allotPort(context.locks, wishOf(context, ref, wished, call))
  try {
    return await work(claim.port)
  } finally {
    claim.release()
  }
}

/** The same for an operation that looks at all branches itself, which it must do within `work`. */
export async function withEarlyPort<T>(
  context: Context,
  ref: Ref,
  wished: number | undefined,
  call: Call,
  work: (portAmong: (world: World) => Promise<number>) => Promise<T>,
): Promise<T> {
  const claim = claimEarly(context.locks, wishOf(context, ref, wished, call))
  try {
    return await work(world => claim.among(portsOf(world)))
  } finally {
    claim.release()
  }
}

const wishOf = ({ store }: Context, ref: Ref, wished: number | undefined, { signal }: Call): PortWish => ({
  used: async () => portsOf(worldOf(await store.list(), [])),
  // Another account, or another storage, begins to look elsewhere: their claims are not seen here.
  seed: `${process.getuid?.()} ${store.title} ${showRef(ref)}`,
  ...(wished === undefined ? {} : { port: parsePort(wished) }),
  signal,
})
