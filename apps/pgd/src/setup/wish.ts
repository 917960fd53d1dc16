import { posix } from 'node:path'
import { parseBytes } from '../names/bytes.ts'
import { invalid } from '../names/invalid.ts'

/** How the policy of the broker is put in force. */
export type SetupTransport = 'sudo' | 'daemon'

/** What an administrator wants, as it was written. */
export interface SetupOptions {
  readonly pool: string
  /** Accounts to add to the group. */
  readonly users?: readonly string[]
  /** Group whose members may use pgd; `pgd` by default. */
  readonly group?: string
  /** Limit for all databases together: `100g`. */
  readonly quota?: string
  /** Directory of root below which databases are mounted. */
  readonly mountRoot?: string
  /** By default `sudo` where ZFS has delegation, else `daemon`. */
  readonly transport?: SetupTransport
}

/** The same, read. */
export interface Wish {
  readonly pool: string
  readonly users: readonly string[]
  readonly group: string
  /** Bytes. */
  readonly quota?: number
  readonly mountRoot: string
  /** Dataset above the base; there for whoever looks at the pool. */
  readonly parent: string
  /** Dataset below which everything lies. */
  readonly base: string
  readonly mountpoint: string
  readonly transport?: SetupTransport
}

/** What the broker takes in the name of a base, and every ZFS in that of a pool. */
const poolName = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/
/** What useradd(8) of Debian takes. */
const accountName = /^[a-z_][a-z0-9_-]{0,31}$/
/** What the broker takes as a mount point. */
const plainPath = /^(?=.{1,80}$)(?:\/[A-Za-z0-9][A-Za-z0-9_.-]*){2,7}$/
/** Directories in which nothing of a user may be mounted. */
const systems = /^\/(?:bin|boot|dev|etc|lib\d*|proc|root|run|sbin|sys|usr|var\/lib\/privexec|var\/log)(?:\/|$)/

/** Reads what was wished. Throws `PGD_INPUT_INVALID`. */
export function readWish(options: SetupOptions): Wish {
  const { pool, users = [], group = 'pgd', quota, mountRoot = '/var/lib/pgd', transport } = options
  if (!poolName.test(pool))
    throw invalid('pool', pool, 'is no name of a pool that the broker takes: letters, digits, _ -')
  if (!accountName.test(group) || group === 'root') throw invalid('group', group, 'is no group to be used for this')
  for (const user of users) {
    if (!accountName.test(user)) throw invalid('user', user, 'is no name of an account')
    if (user === 'root') throw invalid('user', user, 'cannot use pgd: PostgreSQL refuses root')
  }
  if (!plainPath.test(mountRoot) || posix.normalize(mountRoot) !== mountRoot || systems.test(mountRoot)) {
    throw invalid('mount-root', mountRoot, 'is no directory to mount databases in', 'For example /var/lib/pgd')
  }
  const parent = `${pool}/pgd`
  return {
    ...{ pool, users: [...new Set(users)], group, mountRoot, parent, base: `${parent}/databases` },
    mountpoint: `${mountRoot}/databases`,
    ...(quota === undefined ? {} : { quota: parseBytes(quota, 'quota') }),
    ...(transport === undefined ? {} : { transport }),
  }
}
