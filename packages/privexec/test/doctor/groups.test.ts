import t from 'tap'
import { groupsCheck } from '../../src/doctor/groups.ts'
import { alice, contextOf, messages, pgd, service } from './support/context.ts'

const judge = (groups: string[]) => groupsCheck(contextOf({}, { accounts: [{ ...service, groups }] }))

t.test('groups whose members are root are errors', async t => {
  for (const group of ['sudo', 'wheel', 'docker', 'lxd', 'incus', 'disk', 'root', 'shadow', 'libvirt']) {
    t.match(messages(await judge(['appstore', group]), 'error'), [new RegExp(`member of ${group}`)])
  }
})

t.test('groups that only see more are notes, and others nothing', async t => {
  const list = await judge(['appstore', 'adm', 'kvm', 'www-data'])
  t.equal(messages(list, 'note').length, 2)
  t.match(messages(list, 'ok'), [/No group is a way to root: appstore \(appstore, adm, kvm, www-data\)/])
})

t.test('a policy for a group that is root protects nothing, and root needs none', async t => {
  const principal = { kind: 'group', name: 'docker', service: false } as const
  const list = await groupsCheck(
    contextOf({}, { policy: { ...pgd, principal }, accounts: [{ ...alice, groups: ['docker'] }] }),
  )
  t.match(messages(list, 'error'), [/The principal is the group docker/])
  t.equal(messages(list, 'error').length, 1, 'said once')
  t.match(messages(await groupsCheck(contextOf({}, { accounts: [{ ...service, uid: 0 }] })), 'error'), [/is root/])
})

t.test('a socket is judged by who may write it, not by a name', async t => {
  const of = async (mode: number, gid: number) => {
    const files = { '/run/docker.sock': { kind: 'other', mode, gid } } as const
    return messages(await groupsCheck(contextOf({ files }, { accounts: [alice], policy: pgd })), 'error')
  }
  t.match(await of(0o660, 994), [/alice may write \/run\/docker\.sock/])
  t.match(await of(0o666, 0), [/alice may write/])
  t.strictSame(await of(0o660, 0), [])
  t.strictSame(await of(0o640, 994), [])
})
