import t from 'tap'
import { z } from 'zod'
import { mountPointBelow } from '../../src/argument/mount-point.ts'
import type { ArgumentType } from '../../src/argument/type.ts'
import { matches, problemWith } from '../support/field.ts'

const base = { dataset: 'tank/pgd/databases', depth: 2 }
const context = { marker: '', stagedFile: '' }
const narrowed = (limit: object) => mountPointBelow('base').bound?.narrow(limit as never) as ArgumentType<string>

t.test('a dataset is spelled as the path that it inherits, and read back from it', async t => {
  const dataset = 'tank/pgd/databases/shop/main'
  for (const [type, path] of [
    [narrowed(base), `/${dataset}`],
    [narrowed({ ...base, mountpoint: '/srv/data.bases' }), '/srv/data.bases/shop/main'],
    [mountPointBelow('base'), `/${dataset}`],
  ] as const) {
    t.equal(problemWith(type, dataset), undefined)
    t.strictSame(type.spell(dataset, context), [path])
    t.equal(type.read([path]), dataset)
    t.ok(matches(type, path))
  }
})

t.test('a caller can name no path, and no dataset elsewhere', async t => {
  const type = narrowed({ ...base, mountpoint: '/srv/databases' })
  for (const bad of [
    '/srv/databases/a/b',
    'tank/pgd/databases/a',
    'tank/pgd/databases/a/b/c',
    'tank/other/a',
    '/etc',
  ]) {
    t.equal(problemWith(type, bad)?.code, 'PRIVEXEC_ARGUMENT_INVALID', bad)
  }
  for (const bad of ['/srv/databases', '/srv/databases/a', '/srv/databases/a/../b', '/srv/databases/a/b/c', '/etc/a/b'])
    t.notOk(matches(type, bad), bad)
})

t.test('a policy says an absolute path of plain names, and stays within the base of the definition', async t => {
  const { bound } = mountPointBelow('base')
  const schema = bound?.schema(z)
  for (const good of ['tank', base, { ...base, mountpoint: '/srv' }]) t.ok(schema?.safeParse(good).success)
  for (const mountpoint of ['/', 'srv', '/srv/', '/../etc', '/.srv', '//srv', '/srv/-a', `/${'a'.repeat(100)}`, '']) {
    t.notOk(schema?.safeParse({ ...base, mountpoint }).success, mountpoint)
  }
  t.throws(() => mountPointBelow('base', base).bound?.narrow('tank' as never), { code: 'PRIVEXEC_POLICY_INVALID' })
})
