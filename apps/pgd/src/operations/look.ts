import type { Context } from '../context.ts'
import { type World, worldOf } from '../world/world.ts'

/** Asks storage and runtimes, at the same time, once each. */
export async function look({ store, runtimes }: Context): Promise<World> {
  const [inventory, told] = await Promise.all([
    store.list(),
    runtimes().then(all =>
      Promise.all(all.map(async runtime => ({ kind: runtime.kind, servers: await runtime.list() }))),
    ),
  ])
  return worldOf(
    inventory,
    told.flatMap(({ servers }) => servers),
    told.map(({ kind }) => kind),
  )
}
