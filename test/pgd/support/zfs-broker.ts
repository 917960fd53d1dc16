import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { policyJson } from '../../../packages/privexec/src/policy/load.ts'
import { prepareHost } from '../../host/prepare.ts'
import { type Daemon, startDaemon } from '../../root/support/daemon.ts'

/**
 * Starts the root-side broker of the policy that is shipped for user-space ZFS, on a host with a pool; of another pool
 * where one is named. Its end takes the policy back: the files of a folder share one host.
 */
export async function startZfsBroker(pool = 'tank'): Promise<Daemon> {
  prepareHost({ zfs: true })
  const file = join(import.meta.dirname, '../../../policies/examples/user-space-zfs/pgd.yaml')
  const text = readFileSync(file, 'utf8')
    // The host has a directory of the policy's name for the transport sudo, which is the group's.
    .replace('/privexec/pgd/', '/privexec/pgd-datasets/')
    .replace('pool: tank', `pool: ${pool}`)
  const daemon = await startDaemon(await policyJson(text))
  return {
    ...daemon,
    stop: async () => {
      const exitCode = await daemon.stop()
      for (const ending of ['yaml', 'json']) rmSync(`/etc/privexec/policies.d/pgd.${ending}`, { force: true })
      return exitCode
    },
  }
}
