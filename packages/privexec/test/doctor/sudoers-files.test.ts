import fc from 'fast-check'
import t from 'tap'
import { cut, isSkipped, readSudoers } from '../../src/doctor/sudoers-files.ts'
import { holds } from '../support/property.ts'
import { pretend } from './support/machine.ts'

t.test('files are read in the order of sudo, and an include cuts its file in two', async t => {
  const machine = pretend({
    files: {
      '/etc/sudoers': 'one\n@includedir /etc/sudoers.d\ntwo\n#include extra%h\n',
      '/etc/sudoers.d/b': 'b',
      '/etc/sudoers.d/B': 'B',
      '/etc/sudoers.d/10_x': '@include "/etc/with blank"',
      '/etc/sudoers.d/c.conf': 'never',
      '/etc/sudoers.d/d~': 'never',
      '/etc/with blank': 'w',
      '/etc/extrapve': 'e',
      '/proc/sys/kernel/hostname': 'pve.example\n',
    },
  })
  const { segments, skipped, directories, unreadable } = await readSudoers(machine)
  const texts = segments.map(({ file, text }) => `${file}:${text.trim()}`).filter(each => !each.endsWith(':'))
  t.strictSame(texts, [
    '/etc/sudoers:one',
    '/etc/with blank:w',
    '/etc/sudoers.d/B:B',
    '/etc/sudoers.d/b:b',
    '/etc/sudoers:two',
    '/etc/extrapve:e',
  ])
  t.strictSame([...skipped].sort(), ['/etc/sudoers.d/c.conf', '/etc/sudoers.d/d~'])
  t.strictSame(directories, ['/etc/sudoers.d'])
  t.strictSame(unreadable, [])
})

t.test('a file that includes itself ends, and what cannot be read is named', async t => {
  const loop = await readSudoers(pretend({ files: { '/etc/sudoers': '@include /etc/sudoers\n' } }))
  t.strictSame(loop.unreadable, ['/etc/sudoers'])
  t.strictSame((await readSudoers(pretend({}))).unreadable, ['/etc/sudoers'])
})

t.test('comments that only look like an include, and continued lines, are text', async t => {
  const text = '# include /x\n#includes /x\na = \\\n@include /x\nb\n'
  t.strictSame(cut(text), [text])
  t.strictSame(cut('#includedir /etc/a\\ b\n'), ['', { kind: 'directory', path: '/etc/a b' }, ''])
})

t.test('without includes the text stays as it is', async t => {
  await holds(
    t,
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\n', '\\', '@', '#', ' ') }),
      text => cut(text).join('') === text,
    ),
  )
})

t.test('names with a dot or a trailing tilde are skipped', async t => {
  t.strictSame(['a.b', '.a', 'a~', 'privexec_appstore', 'a~b'].map(isSkipped), [true, true, true, false, false])
})
