import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { git } from '../../../src/catalog/sources/git.ts'
import { GitSource } from '../../../src/catalog/sources/git-source.ts'
import { app, makeRepository } from '../support/repository.ts'

const versions = new Map<string, string>()

t.test('what is fetched is offered, and used only when it is accepted', async t => {
  const base = t.testdir({})
  const repository = makeRepository(join(base, 'origin'))
  const first = repository.commit(app('one'))
  const source = await GitSource.open({ name: 'main', url: repository.url }, join(base, 'data'))
  t.same(source.state, { url: repository.url })
  t.match(await source.check(), { offered: { commit: first }, pinned: undefined })
  t.match(await source.accept(first, new Map([['one', '1.0.0']])), { pinned: { commit: first }, offered: undefined })
  const second = repository.commit(app('one', '2.0.0'))
  t.match(await source.check(), { pinned: { commit: first }, offered: { commit: second } })
  const [old, now] = [await source.tree(first), await source.tree(second)]
  const script = (directory: string): string => readFileSync(join(directory, 'apps/one/provision/install.py'), 'utf8')
  t.same([script(old.directory), script(now.directory)], ['# 1.0.0\n', '# 2.0.0\n'])
  t.match(await source.patch('one', first, second), /^-version: "1\.0\.0"\n\+version: "2\.0\.0"$/m)
  await t.rejects(source.accept('0'.repeat(40), versions), { code: 'APPSTORE_CHANGED' })
  const again = await GitSource.open({ name: 'main', url: repository.url }, join(base, 'data'))
  t.match(again.state, { pinned: { commit: first }, offered: { commit: second } }, 'it is remembered')
  const before = again.state.since?.one?.at
  await again.accept(
    second,
    new Map([
      ['one', '1.0.0'],
      ['two', '1.0.0'],
    ]),
  )
  t.equal(again.state.since?.one?.at, before, 'the age of a version stays')
  t.ok(again.state.since?.two)
  t.notOk('offered' in (await again.check()), 'what is in use is not offered')
  t.same(readdirSync(join(base, 'data/main/trees')), [second], 'trees that nobody uses are removed')
  const elsewhere = await GitSource.open({ name: 'main', url: `${repository.url}/` }, join(base, 'data'))
  t.notOk(elsewhere.state.pinned, 'a pin does not count for another address')
})

t.test('a branch may be named; one that is not there leaves everything as it was', async t => {
  const base = t.testdir({})
  const repository = makeRepository(join(base, 'origin'))
  const main = repository.commit(app('one'))
  repository.git('checkout', '--quiet', '-b', 'next')
  const next = repository.commit(app('two'))
  const open = (branch: string) => GitSource.open({ name: 'main', url: repository.url, branch }, join(base, 'data'))
  t.match(await (await open('main')).check(), { offered: { commit: main } })
  t.match(await (await open('next')).check(), { offered: { commit: next } })
  const absent = await open('absent')
  await t.rejects(absent.check(), { code: 'APPSTORE_CATALOG_UNAVAILABLE', program: 'git' })
  t.match(absent.state, { offered: { commit: next } })
  await t.rejects(open('--upload-pack=id'), { code: 'APPSTORE_INPUT_INVALID' })
  await t.rejects(absent.tree('HEAD'), { code: 'APPSTORE_INPUT_INVALID' })
  await t.rejects(absent.tree('0'.repeat(40)), { code: 'APPSTORE_CATALOG_UNAVAILABLE' })
})

t.test('links, submodules, hooks, attributes and files elsewhere have no effect', async t => {
  const base = t.testdir({})
  const repository = makeRepository(join(base, 'origin'))
  const { path } = repository
  const inner = makeRepository(join(base, 'inner'))
  inner.commit({ 'apps/x': 'x' })
  repository.commit({
    ...app('one'),
    'README.md': 'not read',
    'apps/one/.gitattributes': '* export-ignore export-subst filter=evil\n',
    'apps/one/data.txt': '$Format:%H$\r\n',
    '.gitmodules': '[submodule "apps/sub"]\n\tpath = apps/sub\n\turl = https://example.org/x\n',
  })
  symlinkSync('/etc', join(path, 'apps/link'))
  symlinkSync('../../../../etc/passwd', join(path, 'apps/one/passwd'))
  mkdirSync(join(path, 'apps/odd\tname'))
  writeFileSync(join(path, 'apps/odd\tname/app.yml'), '')
  writeFileSync(join(path, 'apps/one/large.bin'), Buffer.alloc(2_097_153))
  repository.git('add', '--all')
  repository.git('update-index', '--add', '--cacheinfo', `160000,${inner.git('rev-parse', 'HEAD')},apps/sub`)
  const marked = join(base, 'hook-ran')
  for (const hook of ['post-checkout', 'reference-transaction', 'post-update', 'pre-auto-gc']) {
    writeFileSync(join(path, '.git/hooks', hook), `#!/bin/sh\ntouch ${marked}\n`)
    chmodSync(join(path, '.git/hooks', hook), 0o755)
  }
  repository.git('-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '--message', 'odd')
  const source = await GitSource.open({ name: 'main', url: repository.url }, join(base, 'data'))
  const { offered } = await source.check()
  const { directory, problems } = await source.tree(offered?.commit ?? '')
  t.same(readdirSync(directory), ['apps'])
  t.same(readdirSync(join(directory, 'apps')), ['one'])
  t.same(readdirSync(join(directory, 'apps/one')).sort(), ['.gitattributes', 'app.yml', 'data.txt', 'provision'])
  t.equal(readFileSync(join(directory, 'apps/one/data.txt'), 'utf8'), '$Format:%H$\r\n')
  t.equal(statSync(join(directory, 'apps/one/app.yml')).mode & 0o777, 0o644)
  t.same(problems.map(({ file, message }) => `${file} ${message.replace(/and is left out/, '')}`.trim()).sort(), [
    '"apps/odd\\tname/app.yml" has a name that is not allowed',
    'apps/link is a symbolic link',
    'apps/one/large.bin has more than 2097152 bytes',
    'apps/one/passwd is a symbolic link',
    'apps/sub is a submodule',
  ])
  t.notOk(existsSync(marked))
})

t.test('a repository that attacks git itself is not fetched', async t => {
  const base = t.testdir({})
  const repository = makeRepository(join(base, 'origin'))
  repository.commit({ ...app('one'), '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = -x\n' })
  const source = await GitSource.open({ name: 'main', url: repository.url }, join(base, 'data'))
  await t.rejects(source.check(), { code: 'APPSTORE_CATALOG_UNAVAILABLE', message: /disallowed submodule url/ })
  t.notOk(source.state.offered)
})

t.test('what a crash left half done is not used, and goes away', async t => {
  const base = t.testdir({ data: { main: { trees: { '.new-1': { apps: {} } } } } })
  const repository = makeRepository(join(base, 'origin'))
  const commit = repository.commit(app('one'))
  const source = await GitSource.open({ name: 'main', url: repository.url }, join(base, 'data'))
  t.same(readdirSync(join(base, 'data/main/trees')), [])
  await source.check()
  await Promise.all([source.tree(commit), source.tree(commit)])
  t.same(readdirSync(join(base, 'data/main/trees')), [commit])
  writeFileSync(join(base, 'data/main/state.json'), '{"url":')
  await t.rejects(GitSource.open({ name: 'main', url: repository.url }, join(base, 'data')), {
    code: 'APPSTORE_STORE_UNAVAILABLE',
  })
})

t.test('git ends when the call is cancelled, when its time is up, and when it writes too much', async t => {
  const base = t.testdir({})
  const repository = makeRepository(join(base, 'origin'))
  repository.commit({ ...app('one'), 'apps/one/big': Buffer.alloc(100_000, 'x') })
  const bare = join(repository.path, '.git')
  const abort = new AbortController()
  const args = ['-c', 'alias.wait=!sleep 60', 'wait']
  const waiting = git(args, { signal: abort.signal })
  setTimeout(() => abort.abort(), 50)
  await t.rejects(waiting, { code: 'APPSTORE_CANCELLED' })
  await t.rejects(git(args, { limits: { time: 50 } }), { code: 'APPSTORE_TIMED_OUT' })
  await t.rejects(git(['cat-file', 'blob', 'HEAD:apps/one/big'], { repository: bare, limits: { output: 1000 } }), {
    message: /wrote more/,
  })
  await t.rejects(git(['status'], { signal: AbortSignal.abort() }), { code: 'APPSTORE_CANCELLED' })
  const limited = git(['clone', '--quiet', '--bare', '--no-local', '--', repository.url, join(base, 'clone')], {
    limits: { file: 20 },
  })
  await t.rejects(limited, { code: 'APPSTORE_CATALOG_UNAVAILABLE' }, 'a file may not grow beyond its limit')
})

t.test('git sees none of our environment', async t => {
  process.env.GIT_CANARY = 'x'
  const shown = (await git(['-c', 'alias.print=!env', 'print'])).toString().split('\n')
  delete process.env.GIT_CANARY
  // What the test runner gives to every child is there too.
  t.notOk(shown.some(line => line.startsWith('GIT_CANARY') || line.startsWith('USER=')))
  t.ok(shown.includes('GIT_ALLOW_PROTOCOL=https:ssh:file'))
  t.ok(shown.includes('HOME=/nonexistent'))
})
