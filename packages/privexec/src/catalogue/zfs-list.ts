import { baseItself } from '../argument/dataset.ts'
import { defineCommand } from '../command/define.ts'
import { inHostNamespace } from '../command/program.ts'
import { argument } from '../command/template.ts'

/** Properties that `zfs.list` asks for; OpenZFS and zfs-fuse have them all. */
export const listedProperties = [
  'type',
  'guid',
  'origin',
  'used',
  'referenced',
  'available',
  'mounted',
  'mountpoint',
  'pgd:project',
  'pgd:volume',
  'pgd:snapshot',
] as const

/**
 * `zfs get -r` of everything below a base, snapshots too: four fields between tabs, with the source of each value. The
 * `zfs list` of zfs-fuse has no exact numbers, and tells no local property from an inherited one.
 */
export const zfsList = defineCommand({
  id: 'zfs.list',
  summary: 'List the datasets and snapshots below a dataset, with what pgd keeps of them',
  program: inHostNamespace('/usr/sbin/zfs'),
  argv: [
    'get',
    '-rHp',
    '-o',
    'name,property,value,source',
    listedProperties.join(','),
    argument('dataset', baseItself('base')),
  ],
  failures: { notFound: { exitCode: 1, stderr: /dataset does not exist/ } },
})
