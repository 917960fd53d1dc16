import type { Context } from '../context.ts'
import type { World } from '../world/world.ts'
import { type Finding, findings } from './finding.ts'

/** Less than this is little for a database. */
const little = 2 ** 30

/** Free space, and what lies in the storage that is not of pgd. */
export async function checkStorage({ store }: Context, world: World): Promise<readonly Finding[]> {
  const found = findings('storage')
  const { free, total } = await store.space()
  const percent = Math.floor((free / Math.max(total, 1)) * 100)
  const words = `${store.title}: ${Math.floor(free / 2 ** 20)} MiB of ${Math.floor(total / 2 ** 20)} MiB are free`
  if (free < little || percent < 10) found.warning(words, 'pgd gc; or a higher quota: zfs set quota=SIZE DATASET')
  else found.ok(words)
  if (store.kind === 'directory') {
    found.warning('Branches are whole copies, since there is no ZFS for this account', 'pgd setup --pool POOL, as root')
  }
  for (const name of world.foreign) found.warning(`${name} is not of pgd, and left alone`)
  return found.list
}
