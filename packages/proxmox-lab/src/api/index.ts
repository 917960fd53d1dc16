import { accessEndpoints } from './access.ts'
import { userEndpoints } from './access-users.ts'
import { backupEndpoint } from './backup.ts'
import { clusterEndpoints } from './cluster.ts'
import { consoleEndpoints } from './console.ts'
import type { Endpoint } from './endpoint.ts'
import { configEndpoints } from './guest-config.ts'
import { createGuest } from './guest-create.ts'
import { destroyGuest } from './guest-destroy.ts'
import { powerEndpoints } from './guest-power.ts'
import { snapshotEndpoints } from './guest-snapshots.ts'
import { statusEndpoints } from './guest-status.ts'
import { volumeEndpoints } from './guest-volumes.ts'
import { nodeEndpoints } from './node.ts'
import { poolEndpoints } from './pools.ts'
import { storageEndpoints } from './storage.ts'
import { taskEndpoints } from './tasks.ts'
import { templateEndpoints } from './templates.ts'

/** Every method that the lab answers. */
export const endpoints: readonly Endpoint[] = [
  ...accessEndpoints,
  ...userEndpoints,
  ...clusterEndpoints,
  ...nodeEndpoints,
  ...poolEndpoints,
  ...storageEndpoints,
  ...templateEndpoints,
  ...taskEndpoints,
  createGuest,
  destroyGuest,
  ...statusEndpoints,
  ...configEndpoints,
  ...powerEndpoints,
  ...snapshotEndpoints,
  ...volumeEndpoints,
  ...consoleEndpoints,
  backupEndpoint,
]
