import { datasetBelow } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { mountedBelowBase } from '../guard/zfs.ts'

/** `zfs unmount`, by dataset and never by path. Texts of OpenZFS 2.1, 2.3 and of zfs-fuse 0.7. */
export const zfsUnmount = defineCommand({
  id: 'zfs.unmount',
  summary: 'Unmount a dataset',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: ['unmount', argument('dataset', datasetBelow('base'))],
  guards: [mountedBelowBase],
  failures: {
    notMounted: { exitCode: 1, stderr: /not currently mounted/ },
    notFound: { exitCode: 1, stderr: /dataset does not exist/ },
    busy: { exitCode: 1, stderr: /(?:pool or dataset|target|Device or resource) is busy|unmount failed/ },
  },
})
