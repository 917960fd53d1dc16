import { datasetBelow } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { originOfOurs, ourDataset } from '../guard/zfs-own.ts'
import { zfsFailures } from './zfs-failures.ts'

/** `zfs promote`: the clone and the dataset that it was made from change places. */
export const zfsPromote = defineCommand({
  id: 'zfs.promote',
  summary: 'Make a clone independent of the dataset that it was made from',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: ['promote', argument('dataset', datasetBelow('base'))],
  guards: [ourDataset, originOfOurs],
  failures: { ...zfsFailures, notClone: { exitCode: 1, stderr: /not a cloned filesystem/ } },
})
