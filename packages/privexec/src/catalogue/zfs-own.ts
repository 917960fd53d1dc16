import { account } from '../argument/account.ts'
import { mountPointBelow } from '../argument/mount-point.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'
import { freshlyMounted } from '../guard/zfs.ts'
import { ourDataset } from '../guard/zfs-own.ts'

/**
 * `chown` of the root directory of a dataset that root made. The caller names the dataset; the path follows from the
 * policy. With delegation nobody needs this: there the root directory belongs to whoever creates the dataset.
 */
export const zfsOwn = defineCommand({
  id: 'zfs.own',
  summary: 'Give the root directory of a new, empty dataset to an account',
  program: inHostNamespace('/usr/bin/chown'),
  argv: ['--no-dereference', '--', argument('account', account()), argument('dataset', mountPointBelow('base'))],
  guards: [ourDataset, freshlyMounted],
  failures: { noSuchAccount: { exitCode: 1, stderr: /invalid user/ } },
})
