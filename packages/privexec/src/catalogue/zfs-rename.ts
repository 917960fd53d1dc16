import { datasetBelow, otherDatasetBelow } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { ourDataset, renamedPlace } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs rename`; one that is mounted is mounted again at its new place, so the guards are those of a mount too. */
export const zfsRename = defineCommand({
  id: 'zfs.rename',
  summary: 'Give a dataset another name at the same depth',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: ['rename', argument('dataset', datasetBelow('base')), argument('to', otherDatasetBelow('base'))],
  guards: [ourDataset, renamedPlace],
  failures: zfsFailures,
})
