import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { isIdPrefix } from '../names/id.ts'
import { type Name, readName } from '../names/name.ts'
import type { Inventory, Store } from '../store/store.ts'
import { type World, worldOf } from '../world/world.ts'

/** Milliseconds from one question to the next, as long as a list lacks what is there. */
const pauses = [50, 200, 1000]

/**
 * Asks storage and runtimes, at the same time, once each. Of what is called by name, `project` or `project/branch`, the
 * project is never taken for absent because a list lacks it. Rejects with `PGD_STORE_UNAVAILABLE` when all lists do.
 */
export async function look({ store, runtimes }: Context, ...called: readonly string[]): Promise<World> {
  const [inventory, told] = await Promise.all([
    inventoryWith(store, called),
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

/** The same for branches that are called by `project/branch`, or by the beginning of their id, which tells no project. */
export const lookFor = (context: Context, ...branches: readonly string[]): Promise<World> =>
  look(context, ...branches.filter(text => text.includes('/')))

async function inventoryWith(store: Store, called: readonly string[]): Promise<Inventory> {
  for (const pause of [...pauses, undefined]) {
    const inventory = await store.list()
    const lacking = called.flatMap(text => lackingOf(inventory, text))
    const there = await firstOf(store, lacking)
    if (there === undefined) return inventory
    if (pause === undefined) {
      const message = `The storage does not list the project ${there}, which is there`
      throw new PgdError('PGD_STORE_UNAVAILABLE', message, { hint: 'Try again; it lists less than all' })
    }
    await delay(pause)
  }
  throw new TypeError('a list without an end')
}

/** The project that a text names and a list lacks; one that is the beginning of a listed id names none. */
function lackingOf({ projects }: Inventory, text: string): Name[] {
  const name = readName(text.split('/')[0] ?? '')
  const isListed = projects.some(one => one.name === name || (isIdPrefix(text) && one.facts.id.startsWith(text)))
  return name === undefined || isListed ? [] : [name]
}

async function firstOf(store: Store, names: readonly Name[]): Promise<Name | undefined> {
  for (const name of new Set(names)) if (await store.hasProject?.(name)) return name
  return undefined
}
