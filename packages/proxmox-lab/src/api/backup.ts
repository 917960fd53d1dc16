import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { requireAll } from '../access/check.ts'
import { splitList } from '../schema/formats.ts'
import { boolean, integer, node, optional, storageId, string } from '../schema/property.ts'
import { diskKeys } from '../state/config.ts'
import { diskParts, seconds, storageOf, usedOf, viewOf } from '../state/disks.ts'
import { guestOf, isRunning, locked, requireUnlocked } from '../state/guests.ts'
import type { Worker } from '../tasks/tasks.ts'
import { failed, forbidden, invalid } from '../wire/error.ts'
import { type Call, type Endpoint, flag, text } from './endpoint.ts'
import { keepConfig } from './guest-create-worker.ts'
import { startGuest, stopGuest } from './guest-power.ts'

const freeText = string({ optional: true })
const yesNo = boolean({ optional: true })
const count = integer({ optional: true, minimum: 0 })

/** Options that only root may set, since they name paths and programs of the host. */
const rootOnly = ['tmpdir', 'dumpdir', 'script', 'job-id']

/** `POST /nodes/{node}/vzdump`. */
export const backupEndpoint: Endpoint = {
  method: 'POST',
  path: '/nodes/{node}/vzdump',
  permission: 'all',
  parameters: {
    all: yesNo,
    bwlimit: count,
    compress: string({ optional: true, enum: ['0', '1', 'gzip', 'lzo', 'zstd'] }),
    dumpdir: freeText,
    exclude: string({ optional: true, format: 'pve-vmid-list' }),
    'exclude-path': { type: 'array', optional: true },
    fleecing: freeText,
    ionice: integer({ optional: true, minimum: 0, maximum: 8 }),
    'job-id': string({ optional: true, maxLength: 50, pattern: '\\S+' }),
    lockwait: count,
    mailnotification: string({ optional: true, enum: ['always', 'failure'] }),
    mailto: freeText,
    maxfiles: integer({ optional: true, minimum: 1 }),
    mode: string({ optional: true, enum: ['snapshot', 'suspend', 'stop'] }),
    node: optional(node),
    'notes-template': string({ optional: true, maxLength: 1024, requires: 'storage' }),
    'notification-mode': string({ optional: true, enum: ['auto', 'legacy-sendmail', 'notification-system'] }),
    'pbs-change-detection-mode': string({ optional: true, enum: ['legacy', 'data', 'metadata'] }),
    performance: freeText,
    pigz: integer({ optional: true }),
    pool: freeText,
    protected: boolean({ optional: true, requires: 'storage' }),
    'prune-backups': freeText,
    quiet: yesNo,
    remove: yesNo,
    script: freeText,
    stdexcludes: yesNo,
    stdout: yesNo,
    stop: yesNo,
    stopwait: count,
    storage: optional(storageId),
    tmpdir: freeText,
    vmid: string({ optional: true, format: 'pve-vmid-list' }),
    zstd: integer({ optional: true }),
  },
  handle(call) {
    const { world, params, who } = call
    if (who !== 'root@pam')
      for (const name of rootOnly) if (params[name] !== undefined) throw forbidden('Only root may set this option.')
    const vmids = splitList(text(params, 'vmid') ?? '').map(Number)
    if (vmids.length === 0) throw invalid({ vmid: 'property is missing and it is not optional' })
    for (const vmid of vmids) {
      requireAll(world.state, who, `/vms/${vmid}`, ['VM.Backup'])
      guestOf(world, vmid)
    }
    const storage = text(params, 'storage') ?? 'local'
    requireAll(world.state, who, `/storage/${storage}`, ['Datastore.AllocateSpace'])
    if (!storageOf(world, storage).content.split(',').includes('backup'))
      throw failed(`storage '${storage}' does not support backups`)
    return call.fork('vzdump', vmids.length === 1 ? String(vmids[0]) : '', async worker => {
      for (const vmid of vmids) await backUp(call, worker, vmid, storage)
    })
  },
}

async function backUp(call: Call, worker: Worker, vmid: number, storage: string): Promise<void> {
  const { world, params } = call
  const guest = guestOf(world, vmid)
  requireUnlocked(guest)
  worker.log(`INFO: Starting Backup of VM ${vmid} (lxc)`)
  const restart = isRunning(guest) && params.mode === 'stop'
  if (restart) await stopGuest(world, vmid)
  await locked(world, guest, 'backup', async () => {
    const { lock: _, ...config } = guest.config
    const all = viewOf(world, vmid, config).mounts
    const mounts = all.filter(({ key }) => key === 'rootfs' || diskParts(config[key] ?? '').backup === '1')
    for (const { key } of all)
      worker.log(`INFO: ${mounts.some(mount => mount.key === key) ? 'including' : 'excluding'} mount point ${key}`)
    const name = `vzdump-lxc-${vmid}-${stamp()}.tar${params.compress === 'zstd' ? '.zst' : params.compress === 'gzip' ? '.gz' : ''}`
    const place = `backups/${storage}/${name}`
    const file = join(world.store.directory, place)
    await mkdir(dirname(file), { recursive: true })
    await world.runtime.pack(mounts, file)
    const { size } = await stat(file)
    if (usedOf(world, storage) + size > storageOf(world, storage).total)
      throw failed(`vzdump failed: No space left on device`)
    const kept = diskKeys(config).filter(key => !mounts.some(mount => mount.key === key))
    keepConfig(file, Object.fromEntries(Object.entries(config).filter(([key]) => !kept.includes(key))))
    const notes = text(params, 'notes-template')
      ?.replaceAll('{{guestname}}', config.hostname ?? '')
      .replaceAll('{{vmid}}', String(vmid))
    world.state.volumes[`${storage}:backup/${name}`] = {
      storage,
      content: 'backup',
      vmid,
      size,
      ctime: seconds(),
      place,
      ...(notes !== undefined && { notes }),
      ...(flag(params, 'protected') && { protected: 1 as const }),
    }
    worker.log(`INFO: creating vzdump archive '/var/lib/vz/dump/${name}'`)
  })
  if (restart) await startGuest(world, vmid)
  worker.log(`INFO: Finished Backup of VM ${vmid} (00:00:01)`)
  worker.log('INFO: Backup job finished successfully')
}

/** Date and time as names of backups have them. */
let last = 0
function stamp(): string {
  // Two backups within a second would have one name.
  last = Math.max(last + 1000, Math.floor(Date.now() / 1000) * 1000)
  const [date = '', time = ''] = new Date(last).toISOString().slice(0, 19).split('T')
  return `${date.replaceAll('-', '_')}-${time.replaceAll(':', '_')}`
}
