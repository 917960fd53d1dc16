import t from 'tap'
import { requireVolume } from '../../src/access/check.ts'
import { allPrivileges, privilegesOn } from '../../src/access/permissions.ts'
import { addSeedGuest, defaultStorages, seedState } from '../../src/state/seed.ts'
import type { AclEntry, State } from '../../src/state/types.ts'

function state(acl: readonly (readonly [path: string, who: string, role: string, propagate?: 0 | 1])[]): State {
  const made = seedState({
    version: 9,
    tokenSecret: 'x',
    rootSecret: 'x',
    rootPassword: 'x',
    user: 'u@pve',
    token: 't',
    role: 'Own',
    privileges: ['VM.Audit', 'VM.PowerMgmt'],
    pool: 'apps',
    grantStorages: [],
    grantBridges: [],
    storages: defaultStorages,
    guests: [{ vmid: 105, hostname: 'a', pool: 'apps' }],
  })
  made.groups.admins = {}
  made.acl = acl.map(
    ([path, who, role, propagate = 1]): AclEntry => ({
      path,
      kind: who.includes('!') ? 'token' : who.includes('@') ? 'user' : 'group',
      who,
      role,
      propagate,
    }),
  )
  return made
}
const names = (made: State, who: string, path: string): string[] => Object.keys(privilegesOn(made, who, path)).sort()
const own = ['VM.Audit', 'VM.PowerMgmt']

t.test('a token with separated privileges has what its user has too', async t => {
  t.same(names(state([['/vms', 'u@pve!t', 'Own']]), 'u@pve!t', '/vms/1'), [], 'the user has nothing')
  t.same(names(state([['/vms', 'u@pve', 'Own']]), 'u@pve!t', '/vms/1'), [], 'the token has nothing')
  const both = [
    ['/vms', 'u@pve', 'PVEAuditor'],
    ['/vms', 'u@pve!t', 'Own'],
  ] as const
  t.same(names(state(both), 'u@pve!t', '/vms/1'), ['VM.Audit'])
  const made = state([['/vms', 'u@pve', 'Own']])
  const token = made.users['u@pve']?.tokens.t
  if (token !== undefined) token.privsep = 0
  t.same(names(made, 'u@pve!t', '/vms/1'), own, 'without separation it has those of its user')
})

t.test('what is nearest replaces what comes from above, and goes down only when it propagates', async t => {
  const made = state([
    ['/', 'u@pve', 'Administrator'],
    ['/vms', 'u@pve', 'Own', 0],
    ['/vms/105', 'u@pve', 'NoAccess'],
  ])
  t.ok(names(made, 'u@pve', '/storage/local').includes('Datastore.Allocate'))
  t.same(names(made, 'u@pve', '/vms'), own)
  t.ok(names(made, 'u@pve', '/vms/106').includes('VM.Allocate'), 'it does not propagate')
  t.same(names(made, 'u@pve', '/vms/105'), [])
})

t.test('a guest takes the roles of its pool where it has none, and they go no further', async t => {
  const made = state([['/pool/apps', 'u@pve', 'Own']])
  t.same(privilegesOn(made, 'u@pve', '/vms/105'), { 'VM.Audit': 0, 'VM.PowerMgmt': 0 })
  t.same(names(made, 'u@pve', '/vms/104'), [])
  t.same(Object.keys(allPrivileges(made, 'u@pve')).sort(), ['/pool/apps', '/vms/105'])
})

t.test('groups give what their members have no entry for, a disabled user has nothing', async t => {
  const made = state([['/vms', 'admins', 'Own']])
  made.users['u@pve']?.groups.push('admins')
  t.same(names(made, 'u@pve', '/vms/1'), own)
  const user = made.users['u@pve']
  if (user !== undefined) user.enable = 0
  t.same(names(made, 'u@pve', '/vms/1'), [])
  t.ok(names(made, 'root@pam', '/vms/1').length > 40)
})

t.test('a disk of another guest takes rights on that one', async t => {
  const made = state([['/storage', 'u@pve', 'PVEDatastoreUser']])
  addSeedGuest(made, { vmid: 200, hostname: 'other' })
  const volid = Object.keys(made.volumes).find(id => id.includes('200')) ?? ''
  t.throws(() => requireVolume(made, 'u@pve', 105, volid), { message: /\/vms\/200, VM.Config.Disk/ })
  t.doesNotThrow(() => requireVolume(made, 'u@pve', 200, volid))
  t.throws(() => requireVolume(made, 'u@pve', 105, '/etc/shadow'), { message: /Only root/ })
})
