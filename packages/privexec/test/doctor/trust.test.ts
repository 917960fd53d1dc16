import t from 'tap'
import { way, writersBesideRoot } from '../../src/doctor/trust.ts'
import { pretend } from './support/machine.ts'

t.test('every directory and link on the way counts', async t => {
  const files = {
    '/usr/bin/tool': { mode: 0o755 },
    '/sbin': { link: 'usr/bin', mode: 0o777 },
    '/opt/link': { link: '/etc/alternatives/tool', mode: 0o777 },
    '/etc/alternatives/tool': { link: '../../usr/bin/tool', mode: 0o777 },
  }
  const good = pretend({ files })
  t.strictSame(await writersBesideRoot(good, '/usr/bin/tool'), [])
  t.strictSame(await writersBesideRoot(good, '/sbin/tool'), [])
  t.strictSame((await way(good, '/opt/link')).places.at(-1)?.path, '/usr/bin/tool')

  const open = pretend({ files: { ...files, '/etc/alternatives': { kind: 'directory', mode: 0o777 } } })
  t.match(await writersBesideRoot(open, '/opt/link'), [/\/etc\/alternatives may be written by everybody/])
  t.strictSame(await writersBesideRoot(open, '/usr/bin/tool'), [])
})

t.test('owners and modes that let somebody else write are named', async t => {
  const problems = (entry: object) => writersBesideRoot(pretend({ files: { '/a/b': entry } }), '/a/b')
  t.match(await problems({ uid: 7 }), [/belongs to the account 7/])
  t.match(await problems({ mode: 0o664, gid: 9 }), [/by the group 9/])
  t.strictSame(await problems({ mode: 0o664, gid: 0 }), [], 'the group root')
  t.match(await problems({ mode: 0o646 }), [/by everybody/])
})

t.test('a way that ends early, or turns in a circle, is said', async t => {
  const machine = pretend({ files: { '/a': { link: '/b' }, '/b': { link: '/a' }, '/c': { link: '/nowhere' } } })
  t.match(await writersBesideRoot(machine, '/a'), [/cannot be reached \(ELOOP\)/])
  t.match(await writersBesideRoot(machine, '/c'), [/cannot be reached \(ENOENT\)/])
})
