import {
  calls,
  newVolume,
  parseVolumeId,
  type SnapshotName,
  snapshotName,
  storageId,
  type Upid,
  vmid,
  volumeId,
  volumeSource,
} from '@broker/proxmox'
import { AppstoreError, isAppstoreError } from '../../errors/error.ts'
import { isAnswerLost, withProxmox } from '../../guests/failure.ts'
import type { OwnGuest, Target } from '../../guests/guests.ts'
import { describe } from '../../guests/marker.ts'
import type { Step, StepContext } from '../../jobs/definition.ts'
import { tagCall } from '../calls/guest.ts'
import { sizeOf } from '../resize.ts'
import { installOf, type Toolbox } from '../toolbox.ts'
import { ready, start, stop, watched } from './guest.ts'
import { withId } from './volumes.ts'

/** How to come back. `auto` is a snapshot where all volumes can have one, else a backup. */
export type Safety = 'auto' | 'snapshot' | 'backup'

const nameOf = ({ job }: StepContext): SnapshotName => snapshotName(`appstore_${job.id.slice(-10)}`)

/** Makes a snapshot or a backup of the guest; taking it back puts the guest where it was, and starts it if it ran. */
export const makeSafe = (tools: Toolbox, wanted: Safety, backupStorage: string | undefined): Step => ({
  name: 'safety',
  title: 'Save the guest as it is',
  run: async context => {
    const guest = await ready(tools, context)
    if (context.facts.ran === undefined) context.save({ ran: guest.isRunning })
    const kind = wanted === 'auto' ? await possible(tools, guest.vmid) : wanted
    if (kind === 'snapshot') await snapshot(tools, context)
    else await backup(tools, context, backupStorage)
  },
  undo: async context => {
    if (context.facts.backup !== undefined) await restore(tools, context)
    else await rollBack(tools, context)
  },
})

/** Removes the snapshot once it is not needed; a backup stays. */
export const endSafety = (tools: Toolbox): Step => ({
  name: 'unsave',
  title: 'Remove the snapshot',
  final: true,
  run: async context => {
    const guest = await ready(tools, context)
    if (!(await hasSnapshot(tools, context, guest))) return
    await tools.guests.perform(
      'Removing the snapshot',
      guest,
      target => calls.lxc.deleteSnapshot.call({ ...target, snapname: nameOf(context) }),
      watched(context),
    )
  },
})

async function possible(tools: Toolbox, vmid: Target['vmid']): Promise<'snapshot' | 'backup'> {
  const request = calls.lxc.feature.call({ node: tools.door.node, vmid, feature: 'snapshot' })
  return (await withProxmox('Asking for snapshots', () => tools.door.send(request))) ? 'snapshot' : 'backup'
}

async function hasSnapshot(tools: Toolbox, context: StepContext, { vmid }: OwnGuest): Promise<boolean> {
  const request = calls.lxc.snapshots.call({ node: tools.door.node, vmid })
  const all = await withProxmox('Listing snapshots', () => tools.door.send(request))
  return all.some(({ name }) => name === nameOf(context))
}

async function snapshot(tools: Toolbox, context: StepContext): Promise<void> {
  const guest = await ready(tools, context)
  if (await hasSnapshot(tools, context, guest)) return
  const request = (target: Target) =>
    calls.lxc.createSnapshot.call({
      ...target,
      snapname: nameOf(context),
      description: 'Before an upgrade by the app store',
    })
  await tools.guests.perform('Making a snapshot', guest, request, watched(context))
}

async function rollBack(tools: Toolbox, context: StepContext): Promise<void> {
  const guest = await ready(tools, context)
  if (!(await hasSnapshot(tools, context, guest))) return
  const ran = context.facts.ran === true
  const request = (target: Target) => calls.lxc.rollback.call({ ...target, snapname: nameOf(context), start: ran })
  const { signal } = context
  await tools.guests.perform('Rolling back', guest, request, { signal })
  const after = await ready(tools, context)
  if (ran) await start(tools, after, { signal })
  const remove = (target: Target) => calls.lxc.deleteSnapshot.call({ ...target, snapname: nameOf(context) })
  await tools.guests.perform('Removing the snapshot', after, remove, { signal })
  context.log('info', 'The guest is as it was before')
}

/** Makes a backup, and writes its volume into `facts.backup`. */
export async function backup(tools: Toolbox, context: StepContext, wanted: string | undefined): Promise<void> {
  const guest = await ready(tools, context)
  const { node } = tools.door
  const name = wanted ?? tools.settings.backupStorage ?? (await firstBackupStorage(tools))
  const storage = storageId(name)
  const list = calls.storages.content.call({ node, storage, content: 'backup', vmid: guest.vmid })
  const note = `appstore ${context.job.id}`
  const mine = async (): Promise<string | undefined> =>
    (await tools.door.send(list)).find(({ notes }) => notes?.includes(note))?.volid
  await withProxmox('Making a backup', async () => {
    let volume = await mine()
    if (volume === undefined) {
      const request = () =>
        calls.backup.create.call({
          node,
          vmid: [guest.vmid],
          storage,
          mode: 'snapshot',
          compress: 'zstd',
          remove: false,
          'notes-template': note,
        })
      await tools.guests.perform('Making a backup', guest, request, watched(context)).catch(async error => {
        // Only the answer was lost, when the backup is there.
        if (!isAnswerLost(error) || (await mine()) === undefined) throw error
      })
      volume = await mine()
    }
    if (volume === undefined) throw new AppstoreError('APPSTORE_PROXMOX_FAILED', 'The backup is not in the storage')
    context.save({ backup: volume, disks: disksOf(guest) })
  })
}

async function firstBackupStorage({ door }: Toolbox): Promise<string> {
  const request = calls.storages.list.call({ node: door.node, content: ['backup'], enabled: true })
  const [first] = await withProxmox('Looking for a storage for backups', () => door.send(request))
  if (first !== undefined) return first.storage
  throw new AppstoreError('APPSTORE_NOT_SET_UP', 'No storage takes backups, and the guest cannot have snapshots', {
    hint: 'Allow the content type "backup" on a storage, or name one: --backup-storage',
  })
}

/**
 * Disks of a guest as a restore is to make them anew, each in its storage; Proxmox would make all of them in one. Nothing
 * when one is a path of the node, which a token may not mount.
 */
function disksOf({ config }: OwnGuest): Readonly<Record<string, unknown>> {
  const all = [['rootfs', config.rootfs] as const, ...[...config.mp].map(([n, mount]) => [`mp${n}`, mount] as const)]
  const disks = all.flatMap(([slot, disk]) => {
    if (disk?.size === undefined || volumeSource(disk.volume) !== 'volume') return []
    const { size, ...rest } = disk
    return [
      [slot, { ...rest, volume: newVolume(parseVolumeId(disk.volume).storage, sizeOf(size) / 1024 ** 3) }] as const,
    ]
  })
  return disks.length === all.length ? Object.fromEntries(disks) : {}
}

/**
 * Puts the guest back from its backup: over the same guest, which is read back as ours before and after. A restore that
 * failed half-way has removed the guest; then it is made under the id that it had, if nobody took that.
 */
async function restore(tools: Toolbox, context: StepContext): Promise<void> {
  const { bounds } = tools.guests
  const install = installOf(tools, context)
  const guest = await stoppedOrGone(tools, context)
  context.save({ restoring: true })
  const { signal } = context
  const request = (force: boolean) => (target: Target) =>
    calls.lxc.create.call({
      ...target,
      ostemplate: volumeId(String(context.facts.backup)),
      restore: true,
      ...(force ? { force } : {}),
      pool: bounds.pool,
      description: describe('Restored by the app store', { install: install.id, store: bounds.store, role: 'app' }),
      ...(context.facts.disks as object | undefined),
    })
  if (guest !== undefined) await tools.guests.perform('Restoring the backup', guest, request(true), { signal })
  else {
    const { node } = tools.door
    await withProxmox('Restoring the backup', async () => {
      const upid = await tools.door.send(request(false)({ node, vmid: vmid(install.vmid ?? 0) }), { signal })
      await tools.door.finish(upid as Upid, { signal })
    })
  }
  const after = await ready(tools, context, { untagged: true })
  tools.store.installs.update(install.id, { volumes: install.volumes.map(volume => withId(after, volume)) })
  await tools.guests.perform('Tagging the guest', after, tagCall, { signal })
  if (context.facts.ran === true) await start(tools, after, { signal })
  context.log('info', 'The guest is as it was before')
}

/** The guest, shut down; undefined when a restore that began has removed it. */
async function stoppedOrGone(tools: Toolbox, context: StepContext): Promise<OwnGuest | undefined> {
  try {
    // A restore that ended just before it was tagged leaves it without tags.
    const look = { untagged: context.facts.restoring === true }
    await stop(tools, context, await ready(tools, context, look))
    return await ready(tools, context, look)
  } catch (error) {
    const isGone = isAppstoreError(error) && error.code === 'APPSTORE_NOT_FOUND'
    if (isGone && context.facts.restoring === true) return undefined
    throw error
  }
}
