import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { invalid } from '../names/invalid.ts'
import type { System } from './system.ts'

/** Where Debian has them. */
export const zfs = '/usr/sbin/zfs'
export const zpool = '/usr/sbin/zpool'

/** What the ZFS of this machine can do. */
export interface Abilities {
  /** `zfs allow`; user-space ZFS has none. */
  readonly hasDelegation: boolean
}

/** Throws `PGD_STORE_UNAVAILABLE` where there is no ZFS, `PGD_INPUT_INVALID` where there is no such pool. */
export async function abilitiesOf(system: System, pool: string): Promise<Abilities> {
  const { exitCode, stderr } = await system.run([zfs, 'list', '-H', '-o', 'name', pool])
  if (exitCode === 127) {
    throw new PgdError('PGD_STORE_UNAVAILABLE', `There is no ${zfs}`, {
      hint: 'Install ZFS, or use plain directories, which need no setup: pgd doctor tells',
    })
  }
  if (/does not exist/.test(stderr)) throw invalid('pool', pool, 'is no pool of this machine', 'See zpool list')
  if (exitCode !== 0) throw failedZfs(`Looking at ${pool}`, stderr)
  const allow = await system.run([zfs, 'allow', pool])
  return { hasDelegation: allow.exitCode === 0 && !/internal error/.test(allow.stderr) }
}

/** Properties of a dataset with their values; undefined where it is not there. */
export async function propertiesOf(
  system: System,
  dataset: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const argv = [zfs, 'get', '-Hp', '-o', 'property,value', names.join(','), dataset]
  const { exitCode, stdout, stderr } = await system.run(argv)
  if (exitCode !== 0) {
    if (/does not exist/.test(stderr)) return undefined
    throw failedZfs(`Looking at ${dataset}`, stderr)
  }
  return new Map(stdout.split('\n').flatMap(line => (line === '' ? [] : [line.split('\t', 2) as [string, string]])))
}

const failedZfs = (action: string, words: string): PgdError =>
  new PgdError('PGD_PROGRAM_FAILED', `${action} failed: ${escapeValue(words.trim(), 300)}`, {
    program: 'zfs',
    stderr: words,
  })
