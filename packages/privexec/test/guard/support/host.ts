import type { GuardHost, GuardRun, GuardSubject, Look } from '../../../src/guard/guard.ts'

/** What a pretended host has; everything else is not there. */
export interface Pretended {
  readonly files?: Readonly<Record<string, string>>
  readonly places?: Readonly<Record<string, Look>>
  readonly answer?: Partial<GuardRun>
}

/** A host of these files and places, on which every program gives the same answer; `calls` are the argvs. */
export function pretend({
  files = {},
  places = {},
  answer = {},
}: Pretended): GuardHost & { readonly calls: string[][] } {
  const calls: string[][] = []
  return {
    calls,
    read: async path => files[path],
    look: async path => places[path],
    run: async argv => {
      calls.push([...argv])
      return { exitCode: 0, stdout: '', stderr: '', ...answer }
    },
  }
}

/** A directory of root's. */
export const directory = (more: Partial<Look> = {}): Look => ({
  kind: 'directory',
  uid: 0,
  gid: 0,
  mode: 0o755,
  entries: 0,
  ...more,
})

/** A request of `pct.exec` as a guard gets it. */
export const container = (host: GuardHost, settings: object = {}, vmid: unknown = 20_001): GuardSubject => ({
  values: { vmid },
  where: { vmid: '20000-20999' },
  settings: { pool: 'appstore', tags: ['appstore', 'managed'], privileged: false, ...settings },
  program: { executable: '/usr/sbin/pct', prefix: [], path: '/usr/sbin/pct' },
  host,
})

/** A request of `zfs.mount` as a guard gets it. */
export const dataset = (
  host: GuardHost,
  name = 'tank/pgd/databases/shop',
  base: unknown = 'tank/pgd/databases',
): GuardSubject => ({
  values: { dataset: name },
  where: { base },
  settings: {},
  program: {
    executable: '/usr/bin/nsenter',
    prefix: ['--mount=/proc/1/ns/mnt', '--', '/usr/sbin/zfs'],
    path: '/usr/sbin/zfs',
  },
  host,
})
