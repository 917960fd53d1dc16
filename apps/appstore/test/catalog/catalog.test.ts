import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Catalog } from '../../src/catalog/catalog.ts'
import { writeFiles } from './support/catalog.ts'
import { app, makeRepository } from './support/repository.ts'

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])

t.test('nothing of a source is in use before it was accepted', async t => {
  const base = t.testdir({})
  const origin = makeRepository(join(base, 'origin'))
  const first = origin.commit({ ...app('one'), ...app('two'), ...app('three') })
  const catalog = await Catalog.open({ directory: join(base, 'data'), sources: [{ name: 'main', url: origin.url }] })
  t.match(catalog.sources(), [{ name: 'main', apps: 0, priority: 0 }])
  const [offer] = await catalog.check()
  t.match(offer, { offered: { commit: first, added: ['one', 'three', 'two'], removed: [], changed: [] } })
  t.equal(catalog.list({}).total, 0)
  t.match(await catalog.accept('main', first), { apps: 3, commit: first })
  t.equal(catalog.list({}).total, 3)

  rmSync(join(origin.path, 'apps/three'), { recursive: true })
  const wants = 'permissions:\n  packages: [curl]\n'
  const second = origin.commit({
    ...app('one', '1.1.0'),
    ...app('two', '1.0.0', wants),
    ...app('four'),
    'apps/bad/app.yml': 'id: bad\n',
  })
  const [news] = await catalog.check('main')
  t.match(news?.offered, {
    commit: second,
    added: ['four'],
    removed: ['three'],
    changed: [
      { app: 'one', from: '1.0.0', to: '1.1.0', consentChanged: false, files: ['app.yml', 'provision/install.py'] },
      { app: 'two', from: '1.0.0', to: '1.0.0', consentChanged: true, asksMore: ['package: curl'], asksLess: [] },
    ],
  })
  t.equal(catalog.get('one').version, '1.0.0', 'what is offered is not in use')
  t.match(await catalog.patch('main', 'two'), /^\+ {2}packages: \[curl\]$/m)
  await t.rejects(catalog.accept('main', '0'.repeat(40)), { code: 'APPSTORE_CHANGED' })

  const again = await Catalog.open({ directory: join(base, 'data'), sources: [{ name: 'main', url: origin.url }] })
  t.match(again.sources(), [{ commit: first, apps: 3, offered: { commit: second } }], 'after a restart')
  t.match(await again.accept('main', second), { apps: 3, problems: [{ file: 'apps/bad/app.yml' }, {}] })
  t.throws(() => again.entry('bad'), { code: 'APPSTORE_NOT_FOUND', message: /its manifest is not valid/ })
})

t.test('a source that cannot be reached keeps what it has, and does not stop the others', async t => {
  const base = t.testdir({})
  const origin = makeRepository(join(base, 'origin'))
  const commit = origin.commit(app('one'))
  const sources = [
    { name: 'gone', url: `file://${base}/absent` },
    { name: 'main', url: origin.url },
  ]
  const catalog = await Catalog.open({ directory: join(base, 'data'), sources })
  const [gone, main] = await catalog.check()
  t.match(gone, { name: 'gone', apps: 0, error: /^git fetch failed/ })
  t.match(main, { offered: { commit }, error: undefined })
  await catalog.accept('main', commit)
  rmSync(join(origin.path, '.git'), { recursive: true })
  t.match(await catalog.check('main'), [{ apps: 1, commit, error: /git fetch failed/ }])
  t.equal(catalog.entry('one').source, 'main')
})

t.test('a source whose state is damaged is told, and works again when it was mended', async t => {
  const base = t.testdir({ data: { main: { 'state.json': '{' } } })
  const origin = makeRepository(join(base, 'origin'))
  const commit = origin.commit(app('one'))
  const catalog = await Catalog.open({ directory: join(base, 'data'), sources: [{ name: 'main', url: origin.url }] })
  t.match(catalog.sources(), [{ apps: 0, error: /state of a catalog source is damaged/ }])
  rmSync(join(base, 'data/main/state.json'))
  t.match(await catalog.check(), [{ error: undefined, offered: { commit } }])
  await t.rejects(catalog.check('main', AbortSignal.abort()), { code: 'APPSTORE_CANCELLED' })
  t.match(catalog.sources(), [{ offered: { commit } }], 'a cancelled check changes nothing')
})

t.test('a folder is used as it is, and read again when it is checked', async t => {
  const base = t.testdir({})
  const directory = join(base, 'apps-in-work')
  writeFiles(directory, {
    ...app('one'),
    'apps/one/README.md': '# One\n',
    'apps/one/icon.png': png,
    ...app('two'),
    'apps/two/icon.png': '<svg onload=alert(1)>',
  })
  const catalog = await Catalog.open({
    directory: join(base, 'data'),
    sources: [{ name: 'own', directory }],
    installed: () => new Map([['one', 2]]),
  })
  t.match(catalog.get('one'), { readme: '# One\n', installed: 2, hasIcon: true, commit: '', consent: { items: [] } })
  t.match(await catalog.icon('one'), { type: 'image/png' })
  t.equal(await catalog.icon('two'), undefined, 'only PNG is an icon')
  writeFiles(directory, app('three'))
  t.equal(catalog.list({}).total, 2)
  t.match(await catalog.check(), [{ apps: 3, url: `file://${directory}` }])
  t.match(catalog.list({ offset: 1, limit: 1 }), { total: 3, apps: [{ id: 'three' }] })
  await t.rejects(catalog.accept('own', '0'.repeat(40)), { code: 'APPSTORE_INPUT_INVALID' })
  writeFileSync(join(directory, 'apps/one/app.yml'), 'id: one\n')
  t.match(await catalog.check(), [{ apps: 2, problems: [{ file: 'apps/one/app.yml', severity: 'error' }] }])
})

t.test('the form of an app has its inputs, and stacks are listed', async t => {
  const directory = join(import.meta.dirname, 'existing')
  const catalog = await Catalog.open({ directory: t.testdir({}), sources: [{ name: 'own', directory }] })
  const detail = catalog.get('gluetun')
  t.match(detail.inputs[1], {
    key: 'vpn_type',
    type: 'select',
    default: 'wireguard',
    options: ['wireguard', 'openvpn'],
  })
  t.match(detail.inputs[3]?.showWhen, { input: 'vpn_type', values: ['openvpn'] })
  t.match(detail, { unprivileged: false, template: 'debian-12', resources: { cores: 1, memory: 256, disk: 2 } })
  t.ok(detail.consent.refused.length > 0)
  t.match(catalog.stacks(), [{ id: 'media-stack', apps: ['gluetun', 'qbittorrent'] }])
  t.equal(catalog.stack('media-stack').stack.memory, 4096)
  t.throws(() => catalog.stack('none'), { code: 'APPSTORE_NOT_FOUND' })
  t.throws(() => catalog.entry('no\n'), { code: 'APPSTORE_NOT_FOUND', message: 'There is no app "no\\n"' })
})

t.test('two sources of one name are refused', async t => {
  const sources = [
    { name: 'a', directory: '/x' },
    { name: 'a', directory: '/y' },
  ]
  await t.rejects(Catalog.open({ directory: t.testdir({}), sources }), { code: 'APPSTORE_CONFIG_INVALID' })
})
