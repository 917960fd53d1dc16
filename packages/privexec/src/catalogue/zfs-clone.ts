import { datasetBelow, snapshotBelow } from '../argument/dataset.ts'
import { userProperty } from '../argument/user-property.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { newDatasetPlace, ourSnapshot } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs clone`. zfs-fuse mounts the clone at once, whatever canmount says, so the guards are those of a mount too. */
export const zfsClone = defineCommand({
  id: 'zfs.clone',
  summary: 'Create a dataset with the data of a snapshot',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'clone',
    '-o',
    'canmount=noauto',
    '-o',
    argument('facts', userProperty('pgd:volume')),
    argument('snapshot', snapshotBelow('base')),
    argument('dataset', datasetBelow('base')),
  ],
  guards: [ourSnapshot, newDatasetPlace],
  failures: zfsFailures,
})
