import type { Manifest } from '../catalog/manifest/manifest.ts'
import type { ProxmoxDoor } from '../guests/door.ts'
import type { Guests } from '../guests/guests.ts'
import type { StepContext } from '../jobs/definition.ts'
import type { InstallId } from '../model/id.ts'
import type { Install, Output } from '../model/install.ts'
import type { Vault } from '../secrets/vault.ts'
import type { Store } from '../store/store.ts'
import type { AppFolders } from './folders.ts'

/** What an app's script is asked to do. */
export type Action = 'install' | 'configure' | 'healthcheck' | 'upgrade'

/** One run of an app's script in a guest that is ours and runs. */
export interface ProvisionRequest {
  readonly vmid: number
  readonly install: InstallId
  readonly action: Action
  readonly manifest: Manifest
  /** Folder of the app as it was installed. */
  readonly folder: string
  /** Values of inputs, secrets too. */
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  /** All that the store keeps secret of the app. */
  readonly secrets: readonly string[]
  readonly context: Pick<StepContext, 'log' | 'progress' | 'output' | 'signal'>
}

/** Runs apps' scripts. */
export interface Provisioner {
  /** @throws {AppstoreError} `APPSTORE_PROVISION_FAILED`, `APPSTORE_PERMISSION_UNDECLARED`, `APPSTORE_HEALTH_FAILED`. */
  run(
    request: ProvisionRequest,
  ): Promise<{ readonly outputs: readonly Output[]; readonly secrets: Readonly<Record<string, string>> }>
  /** The privileged commands of a run, as a plan shows them. */
  plan(
    request: Pick<ProvisionRequest, 'vmid' | 'action' | 'manifest'>,
  ): readonly { readonly command: string; readonly parameters: Readonly<Record<string, unknown>> }[]
}

/** What the steps of all operations work with. */
export interface Toolbox {
  readonly store: Store
  readonly vault: Vault
  readonly door: ProxmoxDoor
  readonly guests: Guests
  readonly folders: AppFolders
  readonly provisioner: Provisioner
  readonly settings: OperationSettings
}

/** From the configuration. Times in milliseconds. */
export interface OperationSettings {
  /** How long a guest may take to get an address. */
  readonly networkTimeout: number
  /** How long an app may take to answer its health check. */
  readonly healthTimeout: number
  /** How long a guest may take to shut down before it is stopped. */
  readonly shutdownTimeout: number
  /** Storage for backups, where an upgrade needs one and the request names none. */
  readonly backupStorage?: string
}

/** The install of a job, as it is in the store now. */
export function installOf(tools: Toolbox, { job }: Pick<StepContext, 'job'>): Install {
  const install = tools.store.installs.get(job.install)
  if (install === undefined) throw new Error(`job ${job.id} has no install`)
  return install
}
