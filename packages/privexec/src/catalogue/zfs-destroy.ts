import { memberBelow } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { ourMember } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs destroy` of one dataset or snapshot, without a flag, so that nothing else goes with it. */
export const zfsDestroy = defineCommand({
  id: 'zfs.destroy',
  summary: 'Destroy one dataset or snapshot from which nothing hangs',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: ['destroy', argument('member', memberBelow('base'))],
  guards: [ourMember],
  failures: zfsFailures,
})
