import { datasetBelow } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { emptyMountPoint, mountBelowBase, noSetuidNoDevices } from '../guard/zfs.ts'

/** `zfs mount`. Texts of OpenZFS 2.1, 2.3 and of zfs-fuse 0.7. */
export const zfsMount = defineCommand({
  id: 'zfs.mount',
  summary: 'Mount a dataset at the mount point that it inherits',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: ['mount', argument('dataset', datasetBelow('base'))],
  guards: [mountBelowBase, noSetuidNoDevices, emptyMountPoint],
  failures: {
    alreadyMounted: { exitCode: 1, stderr: /filesystem already mounted/ },
    notFound: { exitCode: 1, stderr: /dataset does not exist/ },
    legacy: { exitCode: 1, stderr: /legacy mountpoint/ },
  },
})
