import { memberBelow } from '../argument/dataset.ts'
import { userProperty } from '../argument/user-property.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { ourMember } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs set` of a user property, never of one that means something to ZFS. */
export const zfsSet = defineCommand({
  id: 'zfs.set',
  summary: 'Replace what pgd keeps of a dataset or snapshot',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'set',
    argument('facts', userProperty('pgd:project', 'pgd:volume', 'pgd:snapshot')),
    argument('member', memberBelow('base')),
  ],
  guards: [ourMember],
  failures: zfsFailures,
})
