import t from 'tap'
import { catalogue } from '../../src/catalogue/index.ts'
import { pctExec, pctPush, zfsMount, zfsUnmount } from '../../src/index.ts'
import { deciderOf } from '../support/decider.ts'
import { shipped } from '../support/policies.ts'

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

  const dataset = 'tank/pgd/databases/shop'
  t.strictSame(argvOf(pgd, zfsMount, { dataset }), [...host, '/usr/sbin/zfs', 'mount', dataset])
  t.strictSame(argvOf(pgd, zfsUnmount, { dataset }), [...host, '/usr/sbin/zfs', 'unmount', dataset])
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
  })
})
