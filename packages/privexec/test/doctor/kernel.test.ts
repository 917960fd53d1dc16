import t from 'tap'
import { kernelCheck } from '../../src/doctor/kernel.ts'
import { contextOf, messages, pgd } from './support/context.ts'

const files = {
  '/proc/sys/fs/protected_symlinks': '1\n',
  '/proc/sys/fs/protected_hardlinks': '1\n',
  '/proc/sys/fs/protected_fifos': '1\n',
  '/proc/sys/fs/protected_regular': '2\n',
  '/proc/sys/dev/tty/legacy_tiocsti': '0\n',
}

t.test('a kernel that refuses planted links is well', async t => {
  t.strictSame(
    (await kernelCheck(contextOf({ files }))).map(({ level }) => level),
    ['ok'],
  )
})

t.test('following links is an error where content is staged, and a warning elsewhere', async t => {
  for (const name of ['protected_symlinks', 'protected_hardlinks']) {
    const weak = { files: { ...files, [`/proc/sys/fs/${name}`]: '0\n' } }
    t.match(messages(await kernelCheck(contextOf(weak)), 'error'), [new RegExp(`fs.${name} is 0`)])
    t.match(messages(await kernelCheck(contextOf(weak, { policy: pgd })), 'warning'), [new RegExp(`fs.${name} is 0`)])
  }
})

t.test('a hidden /proc and typing into terminals are notes', async t => {
  const mounts = '84 52 0:65 / /proc rw,relatime - proc proc rw,hidepid=invisible\n'
  const more = { ...files, '/proc/self/mountinfo': mounts, '/proc/sys/dev/tty/legacy_tiocsti': '1\n' }
  const list = await kernelCheck(contextOf({ files: more }))
  t.match(messages(list, 'note'), [/legacy_tiocsti is 1/, /hidepid=invisible, which is fine/])
  t.equal(messages(list, 'ok').length, 1)
})
