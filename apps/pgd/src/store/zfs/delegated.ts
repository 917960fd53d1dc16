import { type ExecFileException, execFile } from 'node:child_process'
import { listedProperties, zfsMount, zfsUnmount } from '@broker/privexec'
import type { ByBroker } from './brokered.ts'
import { kindOf, partial, type Zfs, type ZfsEnd } from './verbs.ts'

/** Where Debian has it; the PATH of a user holds no sbin. */
const program = '/usr/sbin/zfs'

/** The verbs by this account itself, with what was delegated to it (`zfs allow`); mounting is the broker's. */
export function delegatedZfs(base: string, mountpoint: string, broker: ByBroker): Zfs {
  let counts: readonly string[] = ['filesystem_count', 'snapshot_count']
  const listed = (): Promise<ZfsEnd> =>
    zfs('get', '-rHp', '-o', 'name,property,value,source', [...listedProperties, ...counts].join(','), base)
  return {
    base,
    mountpoint,
    list: async () => {
      const end = await listed()
      if (counts.length === 0 || !end.failure?.words.includes('bad property list')) return end
      // A ZFS that counts nothing.
      counts = []
      return listed()
    },
    get: (dataset, property) => zfs('get', '-Hp', '-o', 'value,source', property, dataset),
    createProject: (dataset, facts) => zfs('create', '-o', 'canmount=off', '-o', `pgd:project=${facts}`, dataset),
    // With noauto neither is mounted at once, which only root could.
    create: (dataset, facts) => zfs('create', '-o', 'canmount=noauto', '-o', `pgd:volume=${facts}`, dataset),
    clone: (snapshot, dataset, facts) =>
      zfs('clone', '-o', 'canmount=noauto', '-o', `pgd:volume=${facts}`, snapshot, dataset),
    snapshot: (snapshot, facts) => zfs('snapshot', '-o', `pgd:snapshot=${facts}`, snapshot),
    set: (member, mark, facts) => zfs('set', `${mark}=${facts}`, member),
    rename: (dataset, to) => zfs('rename', dataset, to),
    promote: dataset => zfs('promote', dataset),
    destroy: member => zfs('destroy', member),
    mount: dataset => broker('mount', zfsMount, { dataset }),
    unmount: dataset => broker('unmount', zfsUnmount, { dataset }),
    own: async () => ({ stdout: '' }),
  }
}

/** What a run of zfs is to the store; what is asked for, and complained of, is not all even when that was a success. */
export function endOf(verb: string, error: ExecFileException | null, stdout: string, stderr: string): ZfsEnd {
  const said = stderr.trim()
  if (error === null) return verb === 'get' && said !== '' ? { failure: partial(said) } : { stdout }
  const words = said || error.message
  const exitCode = typeof error.code === 'number' ? { exitCode: error.code } : {}
  const kind = error.code === 'ENOENT' ? 'unavailable' : error.killed ? 'timedOut' : kindOf(words)
  return { failure: { kind, verb: `zfs ${verb}`, words, ...exitCode } }
}

/** Runs zfs as this account, for five minutes at most: changes of many at once wait for one another. */
export function zfs(verb: string, ...args: readonly string[]): Promise<ZfsEnd> {
  const options = { env: { LC_ALL: 'C' }, cwd: '/', timeout: 300_000, maxBuffer: 256 * 1024 * 1024 }
  return new Promise(settle => {
    const child = execFile(program, [verb, ...args], options, (error, stdout, stderr) => {
      settle(endOf(verb, error, stdout, stderr))
    })
    // A program that is not there has no input to close.
    child.stdin?.on('error', () => {}).end()
  })
}
