import { snapshotBelow } from '../argument/dataset.ts'
import { userProperty } from '../argument/user-property.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { snapshotOfOurs } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs snapshot` of one dataset. */
export const zfsSnapshot = defineCommand({
  id: 'zfs.snapshot',
  summary: 'Take a snapshot of a dataset',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'snapshot',
    '-o',
    argument('facts', userProperty('pgd:snapshot')),
    argument('snapshot', snapshotBelow('base')),
  ],
  guards: [snapshotOfOurs],
  failures: zfsFailures,
})
