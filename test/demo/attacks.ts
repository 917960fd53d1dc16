import { randomBytes } from 'node:crypto'

/** An attack around the library: an argv for sudo that no call of the library would have made. */
export interface Attack {
  readonly account: 'appstore' | 'alice'
  readonly title: string
  readonly argv: readonly [string, ...string[]]
}

const inHost = ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--'] as const
const operation = `PRIVEXEC_OPERATION=appstore-${randomBytes(16).toString('hex')}`

/** What the attacks would leave behind, had sudo let them through. */
export const traces = {
  file: '/root/owned',
  shadow: '/root/shadow',
  dataset: 'tank/other',
} as const

/** Three attacks, well-formed but for the one thing that the policy forbids. */
export const attacks: readonly Attack[] = [
  {
    account: 'appstore',
    title: "may not write into somebody else's container, 104",
    argv: [
      ...inHost,
      '/usr/sbin/pct',
      'exec',
      '104',
      '--keep-env',
      '0',
      '--',
      '/usr/bin/env',
      operation,
      'touch',
      traces.file,
    ],
  },
  {
    account: 'appstore',
    title: "may not push the host's /etc/shadow into its own container",
    argv: [...inHost, '/usr/sbin/pct', 'push', '20001', '/etc/shadow', traces.shadow],
  },
  {
    account: 'alice',
    title: 'may not mount a dataset that is not below tank/pgd/databases',
    argv: [...inHost, '/usr/sbin/zfs', 'mount', traces.dataset],
  },
]
