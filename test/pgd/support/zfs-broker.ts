import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyJson } from '../../../packages/privexec/src/policy/load.ts'
import { prepareHost } from '../../host/prepare.ts'
import { type Daemon, startDaemon } from '../../root/support/daemon.ts'

/**
 * Starts the root-side broker of the policy that is shipped for user-space ZFS, on a host with a pool; of another pool
 * where one is named.
 */
export async function startZfsBroker(pool = 'tank'): Promise<Daemon> {
  prepareHost({ zfs: true })
  const file = join(import.meta.dirname, '../../../policies/examples/user-space-zfs/pgd.yaml')
  const text = readFileSync(file, 'utf8')
    // The host has a directory of the policy's name for the transport sudo, which is the group's.
    .replace('/privexec/pgd/', '/privexec/pgd-datasets/')
    .replace('pool: tank', `pool: ${pool}`)
  return startDaemon(await policyJson(text))
}
