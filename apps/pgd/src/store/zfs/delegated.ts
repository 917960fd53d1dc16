import { execFile } from 'node:child_process'
import { listedProperties, zfsMount, zfsUnmount } from '@broker/privexec'
import type { ByBroker } from './brokered.ts'
import { kindOf, type Zfs, type ZfsEnd } from './verbs.ts'

/** Where Debian has it; the PATH of a user holds no sbin. */
const program = '/usr/sbin/zfs'

/** The verbs by this account itself, with what was delegated to it (`zfs allow`); mounting is the broker's. */
export function delegatedZfs(base: string, mountpoint: string, broker: ByBroker): Zfs {
  return {
    base,
    mountpoint,
    list: () => zfs('get', '-rHp', '-o', 'name,property,value,source', listedProperties.join(','), base),
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

/** Runs zfs as this account, for five minutes at most: changes of many at once wait for one another. */
export function zfs(verb: string, ...args: readonly string[]): Promise<ZfsEnd> {
  const options = { env: { LC_ALL: 'C' }, cwd: '/', timeout: 300_000, maxBuffer: 256 * 1024 * 1024 }
  return new Promise(settle => {
    const child = execFile(program, [verb, ...args], options, (error, stdout, stderr) => {
      if (error === null) return settle({ stdout })
      const words = stderr.trim() || error.message
      const exitCode = typeof error.code === 'number' ? { exitCode: error.code } : {}
      const kind = error.code === 'ENOENT' ? 'unavailable' : error.killed ? 'timedOut' : kindOf(words)
      settle({ failure: { kind, verb: `zfs ${verb}`, words, ...exitCode } })
    })
    // A program that is not there has no input to close.
    child.stdin?.on('error', () => {}).end()
  })
}
