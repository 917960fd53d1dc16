import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:https'
import type { World } from './api/endpoint.ts'
import { startGuest } from './api/guest-power.ts'
import { endpoints } from './api/index.ts'
import { addTemplate } from './api/templates.ts'
import { Faults } from './faults/faults.ts'
import { directoriesRuntime } from './guests/directories.ts'
import type { ExecOptions, ExecResult, GuestRuntime, GuestView, PushOptions } from './guests/runtime.ts'
import { viewOf } from './state/disks.ts'
import { guestOf } from './state/guests.ts'
import { mirrorTo } from './state/mirror.ts'
import { keepSecrets } from './state/secrets.ts'
import { addSeedGuest, defaultStorages, type SeedGuest, seedState, storePrivileges } from './state/seed.ts'
import { Store } from './state/store.ts'
import type { State, Storage } from './state/types.ts'
import { Tasks } from './tasks/tasks.ts'
import { Consoles } from './wire/consoles.ts'
import { Router } from './wire/router.ts'
import { listen, type Recorded } from './wire/server.ts'
import { acceptConsoles } from './wire/terminal.ts'
import { identityIn } from './wire/tls.ts'

export interface LabOptions {
  /** Keeps everything; a later lab in the same directory goes on with it. */
  readonly directory: string
  /** Port on 127.0.0.1; 0, which is the default, takes a free one. */
  readonly port?: number
  /** Version of Proxmox VE to answer as, 9 unless given. */
  readonly version?: 8 | 9
  /** Name of the node, `lab` unless given. */
  readonly node?: string
  /** What makes containers; plain directories unless given. */
  readonly guests?: GuestRuntime
  readonly faults?: Faults
  /** Milliseconds that each task takes at least, 0 unless given. */
  readonly taskMilliseconds?: number
  /** Directory to keep as a node keeps /etc/pve: configurations of containers and the pools, for guards that read them. */
  readonly etcPve?: string
  /** The rest is for a new directory only: what the store finds. */
  readonly user?: string
  readonly token?: string
  readonly role?: string
  readonly privileges?: readonly string[]
  readonly pool?: string
  readonly grantStorages?: readonly string[]
  readonly grantBridges?: readonly string[]
  readonly storages?: Readonly<Record<string, Storage>>
  readonly foreignGuests?: readonly SeedGuest[]
  /** Templates that `local` has already, by file name. */
  readonly templates?: readonly string[]
}

/** What can be done in a guest without the API; a real node has `pct` for that. */
export interface LabGuest {
  readonly view: GuestView
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  push(path: string, bytes: Uint8Array, options?: PushOptions): Promise<void>
}

export interface Lab {
  /** Address of the API, without `/api2/json`. */
  readonly url: string
  readonly port: number
  readonly node: string
  readonly version: 8 | 9
  /** SHA-256 of the server's certificate, pairs with colons. */
  readonly fingerprint: string
  readonly caPem: string
  readonly tokenId: string
  readonly tokenSecret: string
  /** Administrator: a token without privilege separation, and a password for `/access/ticket`. */
  readonly root: { readonly tokenId: string; readonly tokenSecret: string; readonly password: string }
  readonly runtime: GuestRuntime
  readonly faults: Faults
  /** Every request since the start. */
  readonly requests: readonly Recorded[]
  /** What the lab keeps; call `save` after changing it. */
  readonly state: State
  save(): void
  /** Adds a guest of somebody else. */
  addForeignGuest(guest: SeedGuest): void
  /** Puts a template into a storage and returns its volume id. */
  addTemplate(storage: string, template: string): string
  /** A container; throws when there is none of that id. */
  guest(vmid: number): LabGuest
  /** Waits until a task has ended. */
  waitFor(upid: string): Promise<void>
  /** Ends everything: server, tasks and guests. */
  stop(): Promise<void>
}

/** Starts a Proxmox VE API of one node on loopback. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { directory, version = 9, node = 'lab', user = 'appstore@pve', token = 'store' } = options
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const secrets = keepSecrets(directory, () => ({ token: randomUUID(), root: randomUUID(), password: randomUUID() }))
  const storages = options.storages ?? defaultStorages
  const store = new Store(directory, () =>
    seedState({
      version,
      tokenSecret: secrets.token,
      rootSecret: secrets.root,
      rootPassword: secrets.password,
      user,
      token,
      role: options.role ?? 'AppStore',
      privileges: options.privileges ?? storePrivileges,
      pool: options.pool ?? 'appstore',
      grantStorages: options.grantStorages ?? Object.keys(storages),
      grantBridges: options.grantBridges ?? ['vmbr0'],
      storages,
      guests: options.foreignGuests ?? [],
    }),
  )
  const identity = await identityIn(directory, node)
  const runtime = options.guests ?? directoriesRuntime()
  const faults = options.faults ?? new Faults()
  const world: World = {
    node,
    version,
    store,
    state: store.state,
    tasks: new Tasks(store, node, options.taskMilliseconds ?? 0),
    runtime,
    tickets: new Map(),
    consoles: new Consoles(),
    faults,
    fingerprint: identity.fingerprint,
    bootedAt: Date.now(),
  }
  for (const template of options.templates ?? ['debian-12-standard_12.12-1_amd64.tar.zst'])
    if (store.state.volumes[`local:vztmpl/${template}`] === undefined && store.state.storages.local !== undefined)
      addTemplate(world, 'local', template)
  if (options.etcPve !== undefined) {
    const mirror = mirrorTo(options.etcPve, node)
    store.onSave(() => mirror(store.state))
  }
  boot(world)
  store.save()
  const requests: Recorded[] = []
  const router = new Router(endpoints)
  const { server, port } = await listen(world, router, identity, options.port ?? 0, requests)
  acceptConsoles(server, world)
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    node,
    version,
    fingerprint: identity.fingerprint,
    caPem: identity.caPem,
    tokenId: `${user}!${token}`,
    tokenSecret: secrets.token,
    root: { tokenId: 'root@pam!lab', tokenSecret: secrets.root, password: secrets.password },
    runtime,
    faults,
    requests,
    state: store.state,
    save: () => store.save(),
    addForeignGuest(guest) {
      addSeedGuest(store.state, guest)
      store.save()
    },
    addTemplate: (storage, template) => addTemplate(world, storage, template),
    guest: vmid => labGuest(world, vmid),
    waitFor: upid => world.tasks.wait(upid),
    async stop() {
      await close(server)
      await world.tasks.stopAll()
      await runtime.close()
      store.save()
    },
  }
}

/** What a node does when it comes up: containers of before do not run, except those with `onboot`. */
function boot(world: World): void {
  for (const [vmid, guest] of Object.entries(world.state.guests)) {
    if (guest.pid === undefined) continue
    delete guest.startedAt
    delete guest.pid
    if (guest.config.onboot === '1')
      world.tasks.start('vzstart', vmid, 'root@pam', () => startGuest(world, Number(vmid)))
  }
}

function labGuest(world: World, vmid: number): LabGuest {
  const view = viewOf(world, vmid, guestOf(world, vmid).config)
  return {
    view,
    exec: (argv, options) => world.runtime.exec(view, argv, options),
    push: (path, bytes, options) => world.runtime.push(view, path, bytes, options),
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
