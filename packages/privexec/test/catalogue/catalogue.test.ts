import t from 'tap'
import { catalogue } from '../../src/catalogue/index.ts'
import {
  type Command,
  loadPolicy,
  pctExec,
  pctPush,
  zfsClone,
  zfsCreate,
  zfsDestroy,
  zfsList,
  zfsMount,
  zfsOwn,
  zfsProject,
  zfsPromote,
  zfsRename,
  zfsSet,
  zfsSnapshot,
  zfsUnmount,
} from '../../src/index.ts'
import { deciderOf } from '../support/decider.ts'
import { policyFile, shipped } from '../support/policies.ts'

const [appstore, pgd] = [deciderOf(await shipped('appstore')), deciderOf(await shipped('pgd'))]
const host = ['/usr/bin/nsenter', '--mount=/proc/1/ns/mnt', '--']

const argvOf = (decide: typeof pgd, command: Parameters<typeof pgd>[0], input: unknown) => {
  const decision = decide(command, input)
  if (!decision.allowed) throw decision.error
  const { operation } = decision
  return decision.argv.map(element => element.replace(operation, 'ID'))
}

t.test('the argv of each command is the documented one', async t => {
  const exec = argvOf(appstore, pctExec, { vmid: 20_001, command: ['sh', '-c', 'a b'] })
  const keep = ['--keep-env', '0', '--', '/usr/bin/env', 'PRIVEXEC_OPERATION=appstore-ID']
  t.strictSame(exec, [...host, '/usr/sbin/pct', 'exec', '20001', ...keep, 'sh', '-c', 'a b'])

  const content = new Uint8Array()
  const file = '/var/lib/privexec/staging/appstore/drop/ID'
  const push = (more: object) => argvOf(appstore, pctPush, { vmid: 20_001, content, destination: '/etc/a', ...more })
  const start = [...host, '/usr/sbin/pct', 'push', '20001', file, '/etc/a']
  t.strictSame(push({}), start)
  const all = ['--perms', '0644', '--user', 'root', '--group', '0']
  t.strictSame(
    push({ group: '0', perms: '0644', user: 'root' }),
    [...start, ...all],
    'options in the order of the definition',
  )

  const dataset = 'tank/pgd/databases/shop/main'
  t.strictSame(argvOf(pgd, zfsMount, { dataset }), [...host, '/usr/sbin/zfs', 'mount', dataset])
  t.strictSame(argvOf(pgd, zfsUnmount, { dataset }), [...host, '/usr/sbin/zfs', 'unmount', dataset])
})

t.test('what changes datasets names one of them, and no flag of the caller', async t => {
  const zfs = deciderOf(await loadPolicy(policyFile('examples/user-space-zfs/pgd')))
  const [base, facts] = ['tank/pgd/databases', 'id=abcdefghjk,state=ready']
  const [project, dataset, snapshot] = [`${base}/shop`, `${base}/shop/main`, `${base}/shop/main@s1`]
  const marked = (mark: string) => `pgd:${mark}=${facts}`
  for (const [command, input, argv] of [
    [zfsProject, { facts: marked('project'), dataset: project }, ['create', '-o', 'canmount=off', '-o', 0, 1]],
    [zfsCreate, { facts: marked('volume'), dataset }, ['create', '-o', 'canmount=noauto', '-o', 0, 1]],
    [zfsClone, { facts: marked('volume'), snapshot, dataset }, ['clone', '-o', 'canmount=noauto', '-o', 0, 1, 2]],
    [zfsSnapshot, { facts: marked('snapshot'), snapshot }, ['snapshot', '-o', 0, 1]],
    [zfsSet, { facts: marked('project'), member: project }, ['set', 0, 1]],
    [zfsRename, { dataset, to: `${base}/shop/dev` }, ['rename', 0, 1]],
    [zfsPromote, { dataset }, ['promote', 0]],
    [zfsDestroy, { member: snapshot }, ['destroy', 0]],
  ] as const) {
    const values = Object.values(input)
    const expected = argv.map(each => (typeof each === 'number' ? (values[each] ?? '') : each))
    t.strictSame(argvOf(zfs, command, input), [...host, '/usr/sbin/zfs', ...expected])
  }
  const own = argvOf(zfs, zfsOwn, { account: 'alice', dataset })
  t.strictSame(own, [...host, '/usr/bin/chown', '--no-dereference', '--', 'alice', `/${dataset}`])
  const list = argvOf(zfs, zfsList, { dataset: base })
  t.strictSame(list.slice(0, 6), [...host, '/usr/sbin/zfs', 'get', '-rHp'])

  for (const [command, input] of [
    [zfsList, { dataset: 'tank' }],
    [zfsProject, { facts: marked('project'), dataset }],
    [zfsProject, { facts: marked('project'), dataset: base }],
    [zfsCreate, { facts: marked('volume'), dataset: project }],
    [zfsCreate, { facts: 'mountpoint=/etc', dataset }],
    [zfsCreate, { facts: marked('project'), dataset }],
    [zfsClone, { facts: marked('volume'), snapshot: 'tank/other@s1', dataset }],
    [zfsClone, { facts: marked('volume'), snapshot, dataset: project }],
    [zfsSnapshot, { facts: marked('snapshot'), snapshot: `${project}@s1` }],
    [zfsSet, { facts: 'canmount=on', member: dataset }],
    [zfsSet, { facts: marked('volume'), member: base }],
    [zfsRename, { dataset, to: 'tank/other/dev' }],
    [zfsRename, { dataset, to: `${base}/dev` }],
    [zfsDestroy, { member: base }],
    [zfsDestroy, { member: 'tank/other' }],
    [zfsDestroy, { member: `${snapshot}%s2` }],
    [zfsDestroy, { member: '-r' }],
    [zfsOwn, { account: 'alice', dataset: project }],
    [zfsOwn, { account: '-R', dataset }],
  ] as const) {
    t.equal(zfs(command as Command, input).allowed, false, `${command.id} ${JSON.stringify(input)}`)
  }
})

t.test('every command has an id of its own, and every field a type that says what is allowed', async t => {
  t.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length)
  for (const { id, argv, failures } of catalogue) {
    for (const element of argv) {
      if (typeof element !== 'string' && element.kind !== 'marker')
        t.match((element.type as { allowed: string }).allowed, /^[ -~]{10,}$/, id)
    }
    for (const sign of Object.values(failures)) t.ok(Object.keys(sign).length > 0, `${id}: a failure has a sign`)
  }
})

t.test('every command has the guards that only root can check, in the order in which they are sound', async t => {
  const names = Object.fromEntries(catalogue.map(({ id, guards }) => [id, guards.map(({ name }) => name)]))
  t.strictSame(names, {
    'pct.exec': ['own-container'],
    'pct.push': ['own-container'],
    'zfs.mount': ['mount-below-base', 'no-setuid-no-devices', 'empty-mount-point'],
    'zfs.unmount': ['mounted-below-base'],
    'zfs.list': [],
    'zfs.project': [],
    'zfs.create': ['new-place'],
    'zfs.clone': ['our-snapshot', 'new-place'],
    'zfs.snapshot': ['snapshot-of-ours'],
    'zfs.set': ['our-member'],
    'zfs.rename': ['our-dataset', 'new-place'],
    'zfs.promote': ['our-dataset', 'origin-of-ours'],
    'zfs.destroy': ['our-member'],
    'zfs.own': ['our-dataset', 'freshly-mounted'],
  })
})
