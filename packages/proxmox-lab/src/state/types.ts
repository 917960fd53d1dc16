/** Everything that the lab knows, as it is kept in its directory. Times are seconds since 1970, sizes are bytes. */
export interface State {
  users: Record<string, User>
  groups: Record<string, { comment?: string }>
  roles: Record<string, readonly string[]>
  acl: AclEntry[]
  pools: Record<string, Pool>
  storages: Record<string, Storage>
  /** By volume id. */
  volumes: Record<string, Volume>
  guests: Record<string, Guest>
  networks: Network[]
  tasks: TaskRecord[]
}

export interface User {
  enable: 0 | 1
  comment?: string
  email?: string
  firstname?: string
  lastname?: string
  expire?: number
  groups: string[]
  tokens: Record<string, Token>
  passwordHash?: string
}

export interface Token {
  comment?: string
  expire?: number
  privsep: 0 | 1
  secretHash: string
}

export interface AclEntry {
  readonly path: string
  readonly kind: 'user' | 'group' | 'token'
  readonly who: string
  readonly role: string
  readonly propagate: 0 | 1
}

export interface Pool {
  comment?: string
  guests: number[]
  storages: string[]
}

export interface Storage {
  readonly type: 'dir' | 'zfspool' | 'lvmthin'
  /** Kinds of content, separated by commas. */
  content: string
  /** Size, and what others than the lab's guests use of it. */
  total: number
  usedByOthers: number
  shared: 0 | 1
  disable?: 0 | 1
  path?: string
  pool?: string
}

/** A disk of a guest, a template, a backup. */
export interface Volume {
  readonly storage: string
  readonly content: 'rootdir' | 'vztmpl' | 'backup'
  /** Guest that owns it. */
  vmid?: number
  /** Size as the client asked for it; of a file, what it takes. */
  size: number
  readonly ctime: number
  /** Directory or file below the lab's directory that holds it. */
  readonly place: string
  notes?: string
  protected?: 0 | 1
}

/** Values of a configuration as text, whatever their type. */
export type Config = Record<string, string>

export interface Snapshot {
  readonly config: Config
  readonly snaptime: number
  description?: string
  parent?: string
}

export interface Guest {
  readonly kind: 'lxc' | 'qemu'
  config: Config
  /** Changes that wait for the guest to stop; null deletes. */
  pending: Record<string, string | null>
  snapshots: Record<string, Snapshot>
  /** Snapshot that the present state comes from. */
  parent?: string
  /** When it was started; absent when it is stopped. */
  startedAt?: number
  pid?: number
}

export interface Network {
  readonly iface: string
  readonly type: 'bridge' | 'eth' | 'bond' | 'vlan'
  readonly [key: string]: string | number
}

export interface TaskRecord {
  readonly upid: string
  readonly type: string
  readonly id: string
  readonly user: string
  readonly pid: number
  readonly pstart: number
  readonly starttime: number
  endtime?: number
  /** OK, `WARNINGS: n`, or what went wrong; absent while it runs. */
  exitstatus?: string
}
