import { calls, type Proxmox } from '@broker/proxmox'
import { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config/config.ts'
import type { Appstore, Terminal, TerminalOptions } from '../contract.ts'
import { throwIfCancelled } from '../errors/cancel.ts'
import type { Bounds, ProxmoxDoor } from '../guests/door.ts'
import { withProxmox } from '../guests/failure.ts'
import { Guests } from '../guests/guests.ts'
import { TaskKeeper, type TaskLimits } from '../guests/tasks.ts'
import { JobEngine } from '../jobs/engine.ts'
import { withoutCancel } from '../jobs/signals.ts'
import { newId, parseId, type StoreId } from '../model/id.ts'
import { AppFolders } from '../operations/folders.ts'
import { planner } from '../operations/planner.ts'
import type { Provisioner, Toolbox } from '../operations/toolbox.ts'
import type { GuestDoor } from '../provision/door.ts'
import { loadKey } from '../secrets/key.ts'
import { Vault } from '../secrets/vault.ts'
import { openStore, type Store } from '../store/store.ts'
import { installDoor } from './installs.ts'
import { jobDoor } from './jobs.ts'
import { LiveGuests } from './live.ts'
import { placesOf } from './places.ts'

/** What a store is opened with. */
export interface AppstoreParts {
  readonly config: Config
  readonly proxmox: Proxmox
  /** Ids of guests, from the policy; both included. */
  readonly range: { readonly from: number; readonly to: number }
  /** The privileged way into a guest. */
  readonly guestDoor: (vmid: number) => GuestDoor
  /** Runs apps' scripts through that way. */
  readonly provisioner: Provisioner
  readonly version: string
  readonly isLab?: boolean
  readonly audit: Appstore['audit']
  readonly doctor: Appstore['doctor']
  readonly onFault?: (error: unknown) => void
}

/** A store that is open: its doors, and what the daemon besides needs of it. */
export interface OpenAppstore extends Appstore {
  readonly store: Store
  readonly engine: JobEngine
  /** Ends what runs without taking it back; the next start goes on with it. */
  close(): Promise<void>
}

/** Opens the store of a configuration, and goes on with the jobs that an earlier process left. */
export async function openAppstore(parts: AppstoreParts): Promise<OpenAppstore> {
  const { config, proxmox, range, guestDoor, version } = parts
  const store = openStore(config.state)
  try {
    const vault = new Vault(loadKey(config.state), store.secrets)
    const client = config.node === undefined ? proxmox : proxmox.on(config.node)
    const door = await openDoor(client, config.timeouts)
    const bounds: Bounds = { pool: config.pool as Bounds['pool'], ...range, store: storeIdOf(store) }
    const guests = new Guests(door, bounds)
    const catalog = await Catalog.open({
      directory: `${config.state}/catalog`,
      sources: config.sources,
      installed: () => store.installs.counts(),
    })
    const tools: Toolbox = {
      store,
      vault,
      door,
      guests,
      folders: new AppFolders(config.state),
      provisioner: parts.provisioner,
      settings: {
        networkTimeout: config.timeouts.network,
        healthTimeout: config.timeouts.health,
        shutdownTimeout: config.timeouts.shutdown,
        ...(config.defaults.backupStorage === undefined ? {} : { backupStorage: config.defaults.backupStorage }),
      },
    }
    const { onFault } = parts
    const engine = new JobEngine({
      store,
      plan: planner(tools),
      concurrency: config.jobs.atOnce,
      onEnd: () => tidy(tools),
      ...(onFault && { onFault }),
    })
    const live = new LiveGuests(tools)
    tidy(tools)
    engine.start()
    const { audit, doctor } = parts
    return {
      store,
      engine,
      catalog,
      installs: installDoor({
        tools,
        engine,
        catalog,
        config,
        live,
        guestDoor,
        openTerminal: (vmid, options) => openTerminal(client, vmid, options),
      }),
      jobs: jobDoor(store, engine),
      places: () => placesOf(door),
      audit,
      doctor,
      status: async () => {
        const used = await guests.inPool().catch(() => undefined)
        const reached = await proxmox.send(calls.version.get.call({})).then(
          ({ version: found }) => ({ version: found, reachable: true }),
          (error: Error) => ({ version: '', reachable: false, error: error.message }),
        )
        return {
          version,
          node: door.node,
          proxmox: reached,
          pool: config.pool,
          range: { ...range, free: range.to - range.from + 1 - (used?.length ?? 0) },
          jobs: engine.load,
          lab: parts.isLab === true,
        }
      },
      close: async () => {
        await engine.stop()
        store.close()
      },
    }
  } catch (error) {
    store.close()
    throw error
  }
}

/** Removes folders of apps that nobody needs: those of a job that has ended, or that a kill has left. */
function tidy({ store, folders }: Toolbox): void {
  const unfinished = store.jobs.list({ states: ['queued', 'running', 'undoing'], limit: 1000 })
  folders.tidy(new Set(store.installs.list().map(({ id }) => id)), new Set(unfinished.map(({ install }) => install)))
}

/** A cancel does not break off a change on its way: the answer names the task that it has begun, which is then ended. */
async function openDoor(client: Proxmox, limits: TaskLimits): Promise<ProxmoxDoor> {
  const tasks = new TaskKeeper(client, limits)
  return {
    node: await client.node(),
    send: async (call, { signal } = {}) => {
      if (call.method === 'GET') return client.send(call, { signal })
      throwIfCancelled(signal)
      return client.send(call, { signal: withoutCancel(signal) })
    },
    finish: async (upid, options) => {
      const result = await tasks.finish(upid, options)
      return { warnings: result.state === 'warnings' ? result.warnings : 0 }
    },
  }
}

/** A terminal by Proxmox's own console, which needs no privileged command. */
async function openTerminal(
  client: Proxmox,
  vmid: number,
  { columns, rows, onData, onClose }: TerminalOptions,
): Promise<Terminal> {
  const console = await withProxmox('Opening a terminal', () => client.console({ vmid, onData, onClose }))
  console.resize(columns, rows)
  return console
}

/** Made once; guests carry it. */
function storeIdOf({ settings }: Store): StoreId {
  const known = parseId<StoreId>(settings.get('id'))
  if (known !== undefined) return known
  const id = newId<StoreId>()
  settings.set('id', id)
  return id
}
