import t from 'tap'
import { z } from 'zod'
import { containerPath } from '../../src/argument/container-path.ts'
import { checkWords } from '../support/words.ts'

const longest = 'a'.repeat(128)

t.test('a path is absolute, and no name of it is empty, . or ..', async t => {
  const legal = [
    ...['/a', '/etc/app.conf', '/opt/My_App-1.0/x@y+z=1:2,3%~', '/.hidden', '/.a.b', '/a/.b', '/a..b', '/a...', '/-a'],
    ...[`/${longest}`, `/.${longest}`, '/a'.repeat(24)],
  ]
  const illegal = [
    ...[
      '',
      'a',
      'a/b',
      '/',
      '//',
      '/a/',
      '/a//b',
      '/.',
      '/..',
      '/a/.',
      '/a/..',
      '/../a',
      '/a/../b',
      '/..a',
      '/...',
      '~/a',
      './a',
    ],
    ...[`/${longest}a`, `/.${longest}a`, '/a'.repeat(25), '/a b', '/a\\b', '/a*', '/a#', '/ä', '--perms', '-/a'],
  ]
  checkWords(t, containerPath(), legal, illegal)
})

t.test('a policy narrows it to directories, and the directory itself is not below it', async t => {
  const type = containerPath(['/opt', '/etc/my.app+1'])
  const legal = ['/opt/a', '/opt/a/b', '/etc/my.app+1/c']
  checkWords(t, type, legal, [
    '/opt',
    '/opt/',
    '/optx/a',
    '/etc/myxapp+1/c',
    '/etc/my.appp1/c',
    '/etc/c',
    '/opt/../etc/c',
    '/a',
  ])
})

t.test('the bound takes absolute directories only, and a policy cannot widen a definition', async t => {
  const schema = containerPath().bound?.schema(z)
  for (const bad of [[], ['opt'], ['/opt/'], ['/opt/..'], ['/a b'], ['/a\n'], '/opt', Array(9).fill('/a'), [1]]) {
    t.notOk(schema?.safeParse(bad).success, JSON.stringify(bad))
  }
  const narrow = (...limit: string[]) => containerPath(['/opt']).bound?.narrow(limit as never)
  t.ok(narrow('/opt', '/opt/app'))
  t.ok(containerPath(['/opt', '/srv']).bound?.narrow(['/srv/app'] as never), 'below one of several')
  for (const wider of ['/etc', '/', '/optional'])
    t.throws(() => narrow(wider), { code: 'PRIVEXEC_POLICY_INVALID' }, wider)
})
