import type { Context } from '../context.ts'
import { type World, worldOf } from '../world/world.ts'

/** Asks storage and runtimes, at the same time, once each. */
export async function look({ store, runtimes }: Context): Promise<World> {
  const [inventory, servers] = await Promise.all([
    store.list(),
    runtimes().then(all => Promise.all(all.map(runtime => runtime.list()))),
  ])
  return worldOf(inventory, servers.flat())
}
