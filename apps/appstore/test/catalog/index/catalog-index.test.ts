import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { CatalogIndex } from '../../../src/catalog/index/catalog-index.ts'
import { loadSource } from '../../../src/catalog/index/load.ts'
import { least, writeFiles } from '../support/catalog.ts'
import { app } from '../support/repository.ts'

const existing = join(import.meta.dirname, '../existing')
const loading = { name: 'main', commit: '', directory: existing, trusted: false, granted: new Set<never>() }

t.test('a catalog is read whole; what is broken is told and left out', async t => {
  const directory = t.testdir({ outside: {} })
  writeFiles(directory, {
    ...app('good'),
    'apps/bad/app.yml': 'id: bad\n',
    'apps/empty/x': '',
    'apps/README.md': '',
    'apps/.hidden/app.yml': '',
    'apps/Odd/app.yml': '',
    'stacks/pair/stack.yml': 'id: pair\nname: Pair\nversion: 1\napps: [{ app_id: good }]\n',
  })
  symlinkSync('../outside', join(directory, 'apps/linked'))
  const loaded = await loadSource({ ...loading, directory })
  t.same(
    loaded.apps.map(({ id }) => id),
    ['good'],
  )
  t.same(
    loaded.stacks.map(({ id }) => id),
    ['pair'],
  )
  const told = new Set(loaded.problems.map(({ file }) => file))
  t.same([...told].sort(), ['apps/Odd', 'apps/bad/app.yml', 'apps/empty/app.yml', 'apps/linked'])
  t.same((await loadSource({ ...loading, directory: join(directory, 'outside') })).apps, [])
  t.rejects(loadSource({ ...loading, signal: AbortSignal.abort() }), { code: 'APPSTORE_CANCELLED' })
})

t.test('a catalog may lie in a folder of that name', async t => {
  const directory = t.testdir({})
  writeFiles(join(directory, 'catalog'), app('inner'))
  writeFiles(directory, app('outer'))
  t.same(
    (await loadSource({ ...loading, directory })).apps.map(({ id }) => id),
    ['inner'],
  )
})

t.test('what an app claims to be is believed of trusted sources only', async t => {
  const claims = async (trusted: boolean) =>
    (await loadSource({ ...loading, trusted })).apps.some(({ official, featured }) => official || featured)
  t.same([await claims(true), await claims(false)], [true, false])
})

t.test('of sources with the same app the first wins, and the other can still be named', async t => {
  const directory = t.testdir({})
  writeFiles(join(directory, 'a'), app('one', '2.0.0'))
  writeFiles(join(directory, 'b'), { ...app('one', '1.0.0'), ...app('two') })
  const [a, b] = await Promise.all(
    ['a', 'b'].map(name => loadSource({ ...loading, name, directory: join(directory, name) })),
  )
  const index = new CatalogIndex([a, b].filter(source => source !== undefined))
  t.equal(index.get('one')?.source, 'a')
  t.equal(index.get('one', 'b')?.manifest.version, '1.0.0')
  t.same(
    index.shadowed.map(({ id, source }) => [id, source]),
    [['one', 'b']],
  )
  t.same(
    index.find({}).map(({ id }) => id),
    ['one', 'two'],
  )
  t.equal(index.get('two', 'a'), undefined)
  t.equal(index.upgradeOf('one', 'a', '1.9')?.manifest.version, '2.0.0')
  t.equal(index.upgradeOf('one', 'b', '1.0'), undefined, 'another source is no upgrade')
})

t.test('words find apps: names before tags, tags before descriptions; all words count', async t => {
  const index = new CatalogIndex([await loadSource(loading)])
  const find = (text: string): string[] => index.find({ text }).map(({ id }) => id)
  t.equal(find('nginx')[0], 'nginx')
  t.ok(find('nginx').includes('hello-world'))
  t.ok(find('nginx').includes('swag'), 'a word of the description')
  t.equal(find('PLEX')[0], 'plex')
  t.equal(find('jelly')[0], 'jellyfin', 'the beginning of a word')
  t.same(find('vpn proxies'), ['gluetun'])
  t.same(find('gpu').sort(), ['jellyfin', 'ollama'])
  t.same(find('qbittorrent nothing'), [])
  t.equal(find('').length, 13)
  t.equal(find('  .. ').length, 13)
  t.equal(find('hëllo')[0], 'hello-world', 'accents do not count')
})

t.test('categories, order and pages', async t => {
  const index = new CatalogIndex([await loadSource(loading)])
  const media = index.find({ category: 'media' })
  t.same(
    media.map(({ id }) => id),
    ['jellyfin', 'plex', 'qbittorrent'],
  )
  t.equal(index.categories.find(({ name }) => name === 'media')?.count, 3)
  t.same(
    index.find({ text: 'media', sort: 'name' }).map(({ id }) => id),
    index
      .find({ text: 'media' })
      .map(({ id }) => id)
      .sort(),
  )
  t.equal(index.find({ category: 'nothing' }).length, 0)
  const directory = t.testdir({})
  writeFiles(directory, { ...app('alpha'), ...app('beta'), ...app('gamma') })
  const since = {
    alpha: { version: '0.9', at: 9 },
    beta: { version: '1.0.0', at: 1 },
    gamma: { version: '1.0.0', at: 2 },
  }
  const aged = new CatalogIndex([await loadSource({ ...loading, directory, since })])
  t.same(
    aged.find({ sort: 'newest' }).map(({ id }) => id),
    ['gamma', 'beta', 'alpha'],
  )
})

t.test('whatever is searched for, the answer is some of the apps, each once, and the same again', async t => {
  const index = new CatalogIndex([await loadSource(loading)])
  const query = fc.record({
    text: fc.oneof(fc.string(), fc.constantFrom('media', 'a', 'vpn x')),
    category: fc.constantFrom('', 'media', 'tools'),
    sort: fc.constantFrom('name' as const, 'relevance' as const, 'newest' as const),
  })
  await holds(
    t,
    fc.property(query, wanted => {
      const found = index.find(wanted)
      return (
        new Set(found).size === found.length &&
        found.every(entry => index.apps.includes(entry)) &&
        index.find(wanted) === found
      )
    }),
  )
})

t.test('a thousand apps are indexed, found and listed', async t => {
  const directory = t.testdir({})
  const files: Record<string, string> = {}
  for (let n = 0; n < 1000; n++) {
    files[`apps/app-${n}/app.yml`] = least(`app-${n}`, `tags: [t${n % 10}]\n`).replace('name: App', `name: App ${n}`)
    files[`apps/app-${n}/provision/install.py`] = ''
  }
  writeFiles(directory, files)
  const index = new CatalogIndex([await loadSource({ ...loading, directory })])
  t.equal(index.apps.length, 1000)
  t.equal(index.find({ text: 't7' }).length, 100)
  t.same(
    index
      .find({})
      .slice(9, 12)
      .map(({ id }) => id),
    ['app-9', 'app-10', 'app-11'],
    'numbers count as numbers',
  )
})
