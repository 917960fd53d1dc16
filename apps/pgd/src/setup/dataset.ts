import { PgdError } from '../errors/error.ts'
import type { Step } from './step.ts'
import type { System } from './system.ts'
import type { Wish } from './wish.ts'
import { type Abilities, propertiesOf, zfs } from './zfs.ts'

/** User property that tells the base which this made. */
export const baseMark = 'pgd:base'

/** Most datasets and snapshots of all accounts together: more than anybody needs, and few enough to be listed at once. */
const limits = { filesystem_limit: '10000', snapshot_limit: '50000' } as const

/** Properties that the base must have, whoever made it; what is below inherits them. */
const firm = (wish: Wish): Readonly<Record<string, string>> => ({
  canmount: 'off',
  mountpoint: wish.mountpoint,
  setuid: 'off',
  devices: 'off',
  exec: 'off',
  ...(wish.quota === undefined ? {} : { quota: String(wish.quota) }),
  [baseMark]: '1',
})

/** Properties for databases, which an administrator may change later. Pages of PostgreSQL have 8 KiB. */
const usual = { atime: 'off', compression: 'on', recordsize: '8192' } as const

/**
 * The dataset of all databases, and the one above it. Throws `PGD_FOREIGN` when something is there that this did not make,
 * `PGD_EXISTS` when databases would be moved.
 */
export async function datasetSteps(system: System, wish: Wish, { hasDelegation }: Abilities): Promise<Step[]> {
  const { parent, base } = wish
  const wanted = { ...firm(wish), ...(hasDelegation ? limits : {}) }
  const read = () => propertiesOf(system, base, ['type', 'mounted', ...Object.keys(wanted)])
  const found = await read()
  if (found !== undefined) await refuseForeign(system, wish, found)
  const all = { ...wanted, ...usual }
  const options = Object.entries(all).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const isAs = (now: ReadonlyMap<string, string>) => (name: string, value: string) => now.get(name) === value
  const commands =
    found === undefined
      ? [[zfs, 'create', ...options, base]]
      : Object.entries(wanted)
          .filter(([name, value]) => !isAs(found)(name, value))
          .map(([name, value]) => [zfs, 'set', `${name}=${value}`, base])
  return [
    {
      title: `the dataset ${parent}`,
      why: 'what belongs to pgd lies below it; it is never mounted itself',
      commands: [[zfs, 'create', '-o', 'canmount=off', parent]],
      isDone: async () => (await propertiesOf(system, parent, ['type']))?.get('type') === 'filesystem',
    },
    {
      title: `the dataset ${base}`,
      why: 'databases inherit from it where they are mounted, and that no program, device or set-user-id file works there',
      commands,
      isDone: async () => {
        const now = await read()
        return now !== undefined && Object.entries(wanted).every(([name, value]) => isAs(now)(name, value))
      },
    },
  ]
}

async function refuseForeign(system: System, wish: Wish, found: ReadonlyMap<string, string>): Promise<void> {
  const { base, mountpoint } = wish
  if (found.get('type') !== 'filesystem') throw new PgdError('PGD_FOREIGN', `${base} is no file system`)
  const { stdout } = await system.run([zfs, 'list', '-rH', '-o', 'name', '-t', 'all', base])
  const inside = stdout.split('\n').filter(name => name !== '' && name !== base)
  const place = found.get('mountpoint') ?? ''
  const isOurs = found.get(baseMark) === '1'
  const files = found.get('mounted') === 'yes' ? await system.names(place) : []
  if (!isOurs && (inside.length > 0 || files.length > 0)) {
    throw new PgdError('PGD_FOREIGN', `${base} is there, pgd setup did not make it, and it is not empty`, {
      hint: `Look at what is in it. If databases of pgd may lie beside that: zfs set ${baseMark}=1 ${base}`,
    })
  }
  if (inside.length > 0 && place !== mountpoint) {
    throw new PgdError('PGD_EXISTS', `Databases are mounted below ${place}, and this would move them`, {
      field: 'mount-root',
      hint: `Give --mount-root ${place.replace(/\/databases$/, '')}, or delete them first`,
    })
  }
}
