import type { Context } from '../context.ts'
import { allotPort } from '../locks/ports.ts'
import { parsePort } from '../names/port.ts'
import { type Ref, showRef } from '../names/ref.ts'
import { portsOf, worldOf } from '../world/world.ts'
import type { Call } from './step.ts'

/** Allots a port to a branch, or the wished one, and keeps others from it until it stands in the facts. */
export async function withPort<T>(
  { locks, store }: Context,
  ref: Ref,
  wished: number | undefined,
  call: Call,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const claim = await allotPort(locks, {
    used: async () => portsOf(worldOf(await store.list(), [])),
    // Another account, or another storage, begins to look elsewhere: their claims are not seen here.
    seed: `${process.getuid?.()} ${store.title} ${showRef(ref)}`,
    ...(wished === undefined ? {} : { port: parsePort(wished) }),
    signal: call.signal,
  })
  try {
    return await work(claim.port)
  } finally {
    claim.release()
  }
}
