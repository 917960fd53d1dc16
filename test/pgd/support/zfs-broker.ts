import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyJson } from '../../../packages/privexec/src/policy/load.ts'
import { prepareHost } from '../../host/prepare.ts'
import { type Daemon, startDaemon } from '../../root/support/daemon.ts'

/** Starts the root-side broker of the policy that is shipped for user-space ZFS, on a host with a pool. */
export async function startZfsBroker(): Promise<Daemon> {
  prepareHost({ zfs: true })
  const file = join(import.meta.dirname, '../../../policies/examples/user-space-zfs/pgd.yaml')
  // The host has a directory of the policy's name for the transport sudo, which is the group's.
  const text = readFileSync(file, 'utf8').replace('/privexec/pgd/', '/privexec/pgd-datasets/')
  return startDaemon(await policyJson(text))
}
