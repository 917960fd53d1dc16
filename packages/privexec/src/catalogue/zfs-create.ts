import { datasetBelow } from '../argument/dataset.ts'
import { userProperty } from '../argument/user-property.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { newDatasetPlace } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs create` of a dataset for data; `zfs.mount` mounts it. */
export const zfsCreate = defineCommand({
  id: 'zfs.create',
  summary: 'Create an empty dataset, not mounted',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'create',
    '-o',
    'canmount=noauto',
    '-o',
    argument('facts', userProperty('pgd:volume')),
    argument('dataset', datasetBelow('base')),
  ],
  guards: [newDatasetPlace],
  failures: zfsFailures,
})
