import { hashSecret } from '../access/identity.ts'
import { builtinRoles } from '../access/privileges.ts'
import type { Guest, State, Storage } from './types.ts'

const gigabyte = 1024 ** 3

/** What the store's role holds: enough for its work, and nothing on guests outside its pool. */
export const storePrivileges: readonly string[] = [
  'Datastore.AllocateSpace',
  'Datastore.AllocateTemplate',
  'Datastore.Audit',
  'Pool.Audit',
  'SDN.Use',
  'VM.Allocate',
  'VM.Audit',
  'VM.Backup',
  'VM.Config.CPU',
  'VM.Config.Disk',
  'VM.Config.Memory',
  'VM.Config.Network',
  'VM.Config.Options',
  'VM.Console',
  'VM.PowerMgmt',
  'VM.Snapshot',
  'VM.Snapshot.Rollback',
]

/** A guest that is there before the store comes. */
export interface SeedGuest {
  readonly vmid: number
  readonly kind?: 'lxc' | 'qemu'
  readonly hostname: string
  readonly pool?: string
  readonly tags?: string
  readonly description?: string
  readonly isRunning?: boolean
  readonly protection?: boolean
}

/** What a new lab is made with; a lab whose directory has a state takes that. */
export interface Seed {
  readonly version: 8 | 9
  readonly tokenSecret: string
  readonly rootSecret: string
  readonly rootPassword: string
  /** User, token name, role and pool of the store. */
  readonly user: string
  readonly token: string
  readonly role: string
  readonly privileges: readonly string[]
  readonly pool: string
  /** Storages and bridges on which the store's role is granted. */
  readonly grantStorages: readonly string[]
  readonly grantBridges: readonly string[]
  readonly storages: Readonly<Record<string, Storage>>
  readonly guests: readonly SeedGuest[]
}

/** The storages of a plain installation, with 200 GB each. */
export const defaultStorages: Readonly<Record<string, Storage>> = {
  local: {
    type: 'dir',
    content: 'backup,iso,rootdir,vztmpl',
    total: 200 * gigabyte,
    usedByOthers: 10 * gigabyte,
    shared: 0,
    path: '/var/lib/vz',
  },
  'local-zfs': {
    type: 'zfspool',
    content: 'images,rootdir',
    total: 200 * gigabyte,
    usedByOthers: 20 * gigabyte,
    shared: 0,
    pool: 'rpool/data',
  },
}

/** State of a new lab. */
export function seedState(seed: Seed): State {
  const paths = [
    `/pool/${seed.pool}`,
    ...seed.grantStorages.map(id => `/storage/${id}`),
    ...seed.grantBridges.map(id => `/sdn/zones/localnetwork/${id}`),
  ]
  const acl = paths.flatMap(path => [
    { path, kind: 'user', who: seed.user, role: seed.role, propagate: 1 } as const,
    { path, kind: 'token', who: `${seed.user}!${seed.token}`, role: seed.role, propagate: 1 } as const,
  ])
  const state: State = {
    users: {
      'root@pam': {
        enable: 1,
        groups: [],
        tokens: { lab: { privsep: 0, secretHash: hashSecret(seed.rootSecret) } },
        passwordHash: hashSecret(seed.rootPassword),
      },
      [seed.user]: {
        enable: 1,
        groups: [],
        tokens: { [seed.token]: { privsep: 1, secretHash: hashSecret(seed.tokenSecret) } },
      },
    },
    groups: {},
    roles: { ...builtinRoles(seed.version), [seed.role]: [...seed.privileges] },
    acl,
    pools: { [seed.pool]: { guests: [], storages: [] } },
    storages: structuredClone(seed.storages) as Record<string, Storage>,
    volumes: {},
    guests: {},
    networks: [
      { iface: 'eno1', type: 'eth', method: 'manual', method6: 'manual', active: 1, exists: 1, priority: 2 },
      ...['vmbr0', 'vmbr1'].map((iface, index) => ({
        iface,
        type: 'bridge' as const,
        method: 'static',
        method6: 'manual',
        cidr: `192.0.${2 + index}.1/24`,
        address: `192.0.${2 + index}.1`,
        netmask: '24',
        bridge_ports: index === 0 ? 'eno1' : '',
        bridge_vlan_aware: 1,
        active: 1,
        autostart: 1,
        priority: 3 + index,
      })),
    ],
    tasks: [],
  }
  for (const guest of seed.guests) addSeedGuest(state, guest)
  return state
}

/** Adds a guest with one disk of 4 GB in the first storage that holds disks; nothing of it exists as files. */
export function addSeedGuest(state: State, given: SeedGuest): void {
  const storage = Object.keys(state.storages).find(id => state.storages[id]?.content.includes('rootdir')) ?? 'local'
  const volid = `${storage}:${given.vmid}/vm-${given.vmid}-disk-0.raw`
  const config: Record<string, string> = {
    arch: 'amd64',
    cores: '1',
    hostname: given.hostname,
    memory: '512',
    ostype: 'debian',
    rootfs: `${volid},size=4G`,
    swap: '512',
    unprivileged: '1',
  }
  if (given.tags !== undefined) config.tags = given.tags
  if (given.description !== undefined) config.description = given.description
  if (given.protection === true) config.protection = '1'
  const guest: Guest = { kind: given.kind ?? 'lxc', config, pending: {}, snapshots: {} }
  const now = Math.floor(Date.now() / 1000)
  if (given.isRunning === true) guest.startedAt = now
  state.guests[given.vmid] = guest
  state.volumes[volid] = {
    storage,
    content: 'rootdir',
    vmid: given.vmid,
    size: 4 * gigabyte,
    ctime: now,
    place: `volumes/${storage}/${given.vmid}-seed`,
  }
  if (given.pool === undefined) return
  const pool = state.pools[given.pool] ?? { guests: [], storages: [] }
  state.pools[given.pool] = pool
  pool.guests.push(given.vmid)
}
