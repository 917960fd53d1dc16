import t from 'tap'
import { z } from 'zod'
import { ownContainer } from '../../src/guard/pct.ts'
import { container, pretend } from './support/host.ts'

const config = '/etc/pve/lxc/20001.conf'
const users = '/etc/pve/user.cfg'
const good = {
  [config]: 'hostname: a\ntags: appstore;managed;web\nunprivileged: 1\n',
  [users]: 'pool:appstore::20001::\n',
}
const reason = (files: Record<string, string>, settings: object = {}, vmid: unknown = 20_001) =>
  ownContainer.check(container(pretend({ files }), settings, vmid))

t.test('a container with the tags, in the pool and unprivileged is ours', async t => {
  t.equal(await reason(good), undefined)
  t.equal(await reason(good, { tags: ['web'] }), undefined)
  const privileged = { ...good, [config]: 'tags: appstore,managed' }
  t.equal(await reason(privileged, { privileged: true }), undefined, 'or privileged, where the policy allows it')
  const nested = { ...good, [users]: 'pool:appstore/test::20001::' }
  t.equal(await reason(nested, { pool: 'appstore/test' }), undefined)
})

t.test('for any other one the reason is told', async t => {
  for (const [files, words, settings] of [
    [{ ...good, [config]: 'tags: production\nunprivileged: 1' }, 'container 20001 lacks the tags appstore, managed'],
    [{ ...good, [config]: 'tags: appstore;Managed\nunprivileged: 1' }, 'container 20001 lacks the tags managed'],
    [{ ...good, [config]: 'tags: appstore;managed' }, 'container 20001 is privileged'],
    [
      { ...good, [config]: 'tags: appstore;managed\n[x' },
      'the configuration of container 20001 can be read in two ways',
    ],
    [{ ...good, [users]: 'pool:other::20001::\npool:appstore::20001::' }, 'container 20001 is in the pool "other"'],
    [{ ...good, [users]: 'pool:appstore/test::20001::' }, 'container 20001 is in the pool "appstore/test"'],
    [{ ...good, [users]: '' }, 'container 20001 is in no pool'],
    [{ [config]: good[config] ?? '' }, 'container 20001 is in no pool'],
    [{ [users]: good[users] ?? '' }, 'container 20001 has no configuration on this node'],
    [good, 'container 20001 is in the pool "appstore"', { pool: 'app' }],
    [good, 'container 20001 lacks the tags db', { tags: ['web', 'db'] }],
  ] as [Record<string, string>, string, object?][]) {
    t.equal(await reason(files, settings), words)
  }
  t.equal(await reason(good, {}, 20_002), 'container 20002 has no configuration on this node')
})

t.test('the settings are a pool, and tags and privileges with the strictest defaults', async t => {
  const [pool, tags, privileged] = ownContainer.settings.map(setting => setting.schema(z))
  t.strictSame(
    ownContainer.settings.map(({ required }) => required),
    [true, false, false],
  )
  t.strictSame(tags?.parse(['a']), ['a'])
  t.strictSame(tags?.parse(undefined), ['appstore', 'managed'])
  t.equal(privileged?.parse(undefined), false)
  t.notOk(pool?.safeParse(undefined).success)
  for (const odd of ['', 'a b', 'a:b', '/', ['a'], 1]) t.notOk(pool?.safeParse(odd).success)
  for (const odd of [[], ['a b'], ['a;b'], [''], [1], 'a', Array(17).fill('a')]) t.notOk(tags?.safeParse(odd).success)
  for (const odd of ['true', 1, null]) t.notOk(privileged?.safeParse(odd).success)
})
