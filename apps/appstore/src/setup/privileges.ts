/** Roles that the setup makes; each is given on one kind of path only. */
export type RoleName = 'AppStoreGuests' | 'AppStoreStorage' | 'AppStoreBridge'

/** A privilege of the store's token: in which role, and for what. */
export interface Needed {
  readonly name: string
  readonly role: RoleName
  readonly why: string
}

/**
 * All that the store's token may do. A test takes away each and sees an operation refused, and does a whole life with all of
 * them; it is held against the lab's checks, which are those of Proxmox VE 8 and 9.
 */
export const needed: readonly Needed[] = [
  { name: 'Pool.Audit', role: 'AppStoreGuests', why: 'see which guests are in the pool' },
  { name: 'VM.Allocate', role: 'AppStoreGuests', why: 'make and destroy guests of the pool' },
  { name: 'VM.Audit', role: 'AppStoreGuests', why: 'read a guest and its marker before it is touched' },
  { name: 'VM.Backup', role: 'AppStoreGuests', why: 'back up a guest' },
  { name: 'VM.Config.CPU', role: 'AppStoreGuests', why: 'set cores' },
  { name: 'VM.Config.Disk', role: 'AppStoreGuests', why: 'add, grow and move volumes' },
  { name: 'VM.Config.Memory', role: 'AppStoreGuests', why: 'set memory' },
  { name: 'VM.Config.Network', role: 'AppStoreGuests', why: 'set host name and network card' },
  { name: 'VM.Config.Options', role: 'AppStoreGuests', why: 'set description, tags and start at boot' },
  { name: 'VM.Console', role: 'AppStoreGuests', why: 'open a terminal' },
  { name: 'VM.PowerMgmt', role: 'AppStoreGuests', why: 'start and stop guests' },
  { name: 'VM.Snapshot', role: 'AppStoreGuests', why: 'take a snapshot before an upgrade, and go back to it' },
  { name: 'Datastore.AllocateSpace', role: 'AppStoreStorage', why: 'make disks and backups' },
  { name: 'Datastore.AllocateTemplate', role: 'AppStoreStorage', why: 'download templates' },
  { name: 'SDN.Use', role: 'AppStoreBridge', why: 'connect guests to a bridge' },
]

/** Names of the roles, in the order of the table. */
export const roleNames: readonly RoleName[] = ['AppStoreGuests', 'AppStoreStorage', 'AppStoreBridge']

/** Privileges of a role, sorted. */
export const privilegesOf = (role: RoleName): readonly string[] =>
  needed.flatMap(each => (each.role === role ? [each.name] : [])).sort()
