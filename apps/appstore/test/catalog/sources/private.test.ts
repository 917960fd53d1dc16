import { chmodSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { GitSource } from '../../../src/catalog/sources/git-source.ts'
import { serveGit } from '../support/https.ts'
import { app, makeRepository } from '../support/repository.ts'

t.test(
  'a private repository over https is read with credentials of a file, and its certificate is checked',
  async t => {
    const base = t.testdir({})
    const repository = makeRepository(join(base, 'served/catalog'))
    const commit = repository.commit(app('one'))
    const server = await serveGit(join(base, 'served'), base, 'reader', 'CANARY')
    t.teardown(server.close)
    const [credentials, wrong, ca] = ['credentials', 'wrong', 'ca.pem'].map(name => join(base, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(ca, server.caPem)
    writeFileSync(credentials, `${server.url.replace('//', '//reader:CANARY@')}\n`)
    writeFileSync(wrong, `${server.url.replace('//', '//reader:other@')}\n`)
    chmodSync(credentials, 0o600)
    chmodSync(wrong, 0o600)
    mkdirSync(join(base, 'data'))
    const config = { name: 'private', url: `${server.url}/catalog/.git`, ca }
    const open = (more: object) => GitSource.open({ ...config, ...more }, join(base, 'data'))
    await t.rejects((await open({})).check(), { code: 'APPSTORE_CATALOG_UNAVAILABLE' }, 'without credentials')
    await t.rejects(
      (await open({ credentials: wrong })).check(),
      { code: 'APPSTORE_CATALOG_UNAVAILABLE' },
      'with wrong ones',
    )
    const { ca: _, ...unpinned } = { ...config, credentials }
    const untrusted = await GitSource.open(unpinned, join(base, 'data'))
    await t.rejects(
      untrusted.check(),
      { code: 'APPSTORE_CATALOG_UNAVAILABLE', message: /certificate/i },
      'unknown authority',
    )
    const source = await open({ credentials })
    t.match(await source.check(), { offered: { commit } })
    const written = globSync('**/*', { cwd: join(base, 'data') }).flatMap(name => {
      try {
        return [readFileSync(join(base, 'data', name), 'latin1')]
      } catch {
        return []
      }
    })
    t.ok(written.length > 3)
    t.notOk(
      written.some(text => text.includes('CANARY')),
      'the password stays in its file',
    )
  },
)
