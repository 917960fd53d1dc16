import t from 'tap'
import { parseDelegations } from '../../src/doctor/zfs-allow.ts'

const text = `\
---- Permissions on tank/pgd/databases -------------------------------
Permission sets:
	@branch clone,create,@more
	@more mountpoint,snapshot
Create time permissions:
	destroy,setuid
Local permissions:
	user tom receive
Local+Descendent permissions:
	user alice canmount,create,destroy,mount,snapshot
	group pgd @branch
	everyone userprop
	user (unknown: 1234) allow
---- Permissions on tank ----------------------------------------------
Descendent permissions:
	group my group mount
`

t.test('who was delegated what is read from zfs allow, with sets resolved', async t => {
  const read = parseDelegations(text)
  const of = (who: string, name: string) => read.find(each => each.who === who && each.name === name)?.permissions
  t.strictSame(of('user', 'alice'), ['canmount', 'create', 'destroy', 'mount', 'snapshot'])
  t.strictSame(of('user', 'tom'), ['receive'])
  t.strictSame(of('group', 'pgd'), ['clone', 'create', 'mountpoint', 'snapshot'])
  t.strictSame(of('everyone', ''), ['userprop'])
  t.strictSame(of('create', ''), ['destroy', 'setuid'])
  t.strictSame(of('user', '(unknown: 1234)'), ['allow'])
  t.match(read.at(-1), { dataset: 'tank', who: 'group', name: 'my group', permissions: ['mount'] })
})

t.test('a set that holds itself ends, and no delegation is none', async t => {
  const loop = '---- Permissions on t ---\nPermission sets:\n\t@a @a,exec\nLocal permissions:\n\tuser u @a\n'
  t.strictSame(parseDelegations(loop)[0]?.permissions, ['exec'])
  t.strictSame(parseDelegations(''), [])
})
