import { bridgeName, isProxmoxError, parseFingerprint, poolId, storageId, userId } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'

/** How root is asked to run the privileged commands. */
export type SetupTransport = 'daemon' | 'sudo'

/** What an administrator gives. */
export interface SetupOptions {
  readonly url: string
  /** SHA-256 of the node's certificate. */
  readonly fingerprint?: string
  /** Text of the certificate that issued the node's. */
  readonly ca?: string
  readonly pool: string
  /** `FROM-TO`, ids of the store's guests. */
  readonly range: string
  readonly storages: readonly string[]
  readonly bridges: readonly string[]
  readonly user: string
  readonly transport: SetupTransport
}

/** The same, checked. */
export interface Wish extends Omit<SetupOptions, 'range'> {
  readonly range: { readonly from: number; readonly to: number }
  /** Full id of the token. */
  readonly token: string
}

/** Name of the token below its user. */
export const tokenName = 'store'

/** Most ids in a range: each has to be looked at before one is given. */
const widest = 100_000

/** Checks the options. Throws `APPSTORE_INPUT_INVALID`, which names the field. */
export function readWish(options: SetupOptions): Wish {
  const { url, fingerprint, ca, pool, storages, bridges, user } = options
  check('url', () => {
    if (!/^https:\/\/[^/?#@\s"'\\]+\/?$/.test(url)) throw new Error('url is https://HOST:PORT')
  })
  check('pool', () => {
    poolId(pool)
    if (pool.includes('/')) throw new Error('pool: one below another is not possible')
  })
  check('user', () => {
    if (!userId(user).endsWith('@pve')) throw new Error('user: its realm is pve, so that it has no account on the node')
  })
  if (fingerprint !== undefined) check('fingerprint', () => parseFingerprint(fingerprint))
  if (fingerprint === undefined && ca === undefined)
    throw invalid('fingerprint', 'fingerprint or ca is needed, so that the daemon knows the node')
  if (storages.length === 0) throw invalid('storage', 'storage: name at least one')
  if (bridges.length === 0) throw invalid('bridge', 'bridge: name at least one')
  for (const storage of storages) check('storage', () => storageId(storage))
  for (const bridge of bridges) check('bridge', () => bridgeName(bridge))
  const range = readRange(options.range)
  return {
    ...options,
    storages: [...new Set(storages)],
    bridges: [...new Set(bridges)],
    range,
    token: `${user}!${tokenName}`,
  }
}

function readRange(text: string): Wish['range'] {
  const [, from, to] = /^([1-9]\d{2,8})-([1-9]\d{2,8})$/.exec(text) ?? []
  const range = { from: Number(from), to: Number(to) }
  if (from === undefined || to === undefined || range.from > range.to)
    throw invalid('range', 'range is FROM-TO, container ids from 100 to 999999999')
  if (range.to - range.from >= widest) throw invalid('range', `range has at most ${widest} ids`)
  return range
}

function check(field: string, run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!isProxmoxError(error) && (error as Error).name !== 'Error') throw error
    throw invalid(field, (error as Error).message)
  }
}

const invalid = (field: string, message: string): AppstoreError =>
  new AppstoreError('APPSTORE_INPUT_INVALID', message, { field })
