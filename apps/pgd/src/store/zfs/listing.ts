import { setTimeout as delay } from 'node:timers/promises'
import { done, errorOf } from './failure.ts'
import { type Found, readInventory } from './inventory.ts'
import { parseRows, type Row } from './rows.ts'
import { partial, type Zfs } from './verbs.ts'

/** Milliseconds until it is asked again, each time that something lacked. */
const usualPauses = [20, 100, 500, 1000, 2000]

type Rows = ReadonlyMap<string, Row>

/**
 * All that lies below the base. `zfs get -r` succeeds over less than all, too: what cannot be read while it goes through
 * is passed over, with a complaint or without one. So whatever zfs complained of is asked again; and where it counts what
 * is there, so is what it told less of. What is destroyed meanwhile is counted and not told, which is no lack once it is
 * not counted any more. Rejects with `PGD_STORE_UNAVAILABLE` when something lacks to the end.
 */
export async function listAll(zfs: Zfs, pauses = usualPauses): Promise<Found> {
  const { base, mountpoint } = zfs
  const action = `Listing ${base}`
  let before: Rows | undefined
  for (let turn = 0; ; turn += 1) {
    const pause = pauses[turn]
    const end = await zfs.list()
    if (pause === undefined || (end.failure?.kind !== 'partial' && end.failure?.kind !== 'busy')) {
      const rows = parseRows(await done(action, Promise.resolve(end)))
      const lack = lackOf(base, rows)
      if (lack === undefined) return readInventory(base, mountpoint, rows)
      const isGone = before !== undefined && lackOf(base, before, rows) === undefined
      if (before !== undefined && isGone) return readInventory(base, mountpoint, before)
      if (pause === undefined) throw errorOf(action, partial(lack))
      before = rows
    }
    await delay(pause)
  }
}

/** What rows lack of the count that the base, as `counted` has it, gives of what is below it; no count counts as none. */
function lackOf(base: string, rows: Rows, counted: Rows = rows): string | undefined {
  const row = counted.get(base)
  if (row === undefined) return `nothing was told of ${base}`
  const names = [...rows.keys()]
  const snapshots = names.filter(name => name.includes('@')).length
  const datasets = names.filter(name => name !== base && !/[@#]/.test(name)).length
  const of = (property: string): number => {
    const count = Number(row.values.get(property))
    // What is not counted is `none`, or the largest number of 64 bits.
    return Number.isSafeInteger(count) ? count : 0
  }
  const [allDatasets, allSnapshots] = [of('filesystem_count'), of('snapshot_count')]
  if (datasets >= allDatasets && snapshots >= allSnapshots) return undefined
  return `${datasets} of ${allDatasets} datasets and ${snapshots} of ${allSnapshots} snapshots were told of`
}
