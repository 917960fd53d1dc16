import t from 'tap'
import { delegationSteps, readDelegated } from '../../src/setup/delegation.ts'
import type { System } from '../../src/setup/system.ts'
import { readWish } from '../../src/setup/wish.ts'

const base = 'tank/pgd/databases'
const said = `---- Permissions on ${base} -------------------
Permission sets:
	@all create,destroy
Local permissions:
	group other create
Descendent permissions:
	group pgd canmount,clone,destroy,promote,rename,snapshot,userprop
	user pgd mountpoint
Local+Descendent permissions:
	group pgd create,mount
---- Permissions on tank -------------------------------
Local+Descendent permissions:
	group pgd allow
`

t.test('what a group has is read from its own lines of its own dataset', async s => {
  const { local, below } = readDelegated(said, base, 'pgd')
  s.strictSame([...local].sort(), ['create', 'mount'])
  s.strictSame([...below].sort(), [
    'canmount',
    'clone',
    'create',
    'destroy',
    'mount',
    'promote',
    'rename',
    'snapshot',
    'userprop',
  ])
})

const system = (text: string): System => ({
  isRoot: true,
  run: async ([, verb]) => ({
    ...{ exitCode: 0, stderr: '' },
    stdout: verb === 'allow' ? text : 'NAME  PROPERTY    VALUE   SOURCE\ntank  delegation  on  default\n',
  }),
  look: async () => undefined,
  names: async () => [],
  read: async () => undefined,
})
const wish = readWish({ pool: 'tank' })

t.test('permissions as they should be need nothing', async s => {
  const steps = await delegationSteps(system(said), wish)
  for (const step of steps) s.ok(await step.isDone(), step.title)
  s.strictSame(steps[1]?.commands, [])
})

t.test('what lacks is allowed, what is too much is taken away, and neither counts as done', async s => {
  const text = said.replace('group pgd canmount,clone', 'group pgd mountpoint,clone')
  const step = (await delegationSteps(system(text), wish))[1]
  s.notOk(await step?.isDone())
  s.strictSame(step?.commands, [
    ['/usr/sbin/zfs', 'unallow', '-d', '-g', 'pgd', 'mountpoint', base],
    ['/usr/sbin/zfs', 'allow', '-d', '-g', 'pgd', 'canmount', base],
  ])
})

t.test('nothing that moves a mount, brings rights along or delegates further is ever allowed', async s => {
  const step = (await delegationSteps(system(''), wish))[1]
  s.strictSame(step?.commands, [
    ['/usr/sbin/zfs', 'allow', '-l', '-g', 'pgd', 'create,mount', base],
    [
      ...['/usr/sbin/zfs', 'allow', '-d', '-g', 'pgd'],
      'canmount,clone,create,destroy,mount,promote,rename,snapshot,userprop',
      base,
    ],
  ])
})
