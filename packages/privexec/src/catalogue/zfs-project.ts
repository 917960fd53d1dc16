import { parentBelow } from '../argument/dataset.ts'
import { userProperty } from '../argument/user-property.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs create` of a parent of datasets. It is never mounted, so nobody owns a directory in which a link could stand. */
export const zfsProject = defineCommand({
  id: 'zfs.project',
  summary: 'Create a dataset that is never mounted, as the parent of others',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'create',
    '-o',
    'canmount=off',
    '-o',
    argument('facts', userProperty('pgd:project')),
    argument('dataset', parentBelow('base')),
  ],
  failures: zfsFailures,
})
