import { access } from './access.ts'
import { backup } from './backup.ts'
import { cluster } from './cluster.ts'
import { lxc } from './lxc.ts'
import { hardware, network, nodes } from './nodes.ts'
import { pools } from './pools.ts'
import { storages } from './storage.ts'
import { tasks } from './tasks.ts'
import { version } from './version.ts'

/**
 * Every request that this library can make, by area. `calls.lxc.create.call(input)` is the request as data: checked and
 * spelled, not sent.
 */
export const calls = {
  version,
  cluster,
  nodes,
  network,
  hardware,
  lxc,
  storages,
  backup,
  pools,
  access,
  tasks,
} as const
