import { symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { extract } from 'tar-stream'
import { buildArchive } from '../../src/provision/archive.ts'
import { appWith, folderOf, scriptOf } from './support.ts'

async function entriesOf(bytes: Buffer): Promise<Map<string, { mode: number; type: string; text: string }>> {
  const entries = new Map<string, { mode: number; type: string; text: string }>()
  const reader = Readable.from([bytes]).pipe(extract())
  for await (const entry of reader) {
    let text = ''
    for await (const chunk of entry) text += String(chunk)
    entries.set(entry.header.name, { mode: entry.header.mode ?? 0, type: entry.header.type ?? '', text })
  }
  return entries
}

t.test('an archive has the SDK, the runner, the files of the app and what it may do', async t => {
  const folder = folderOf(t)
  const app = appWith(folder, {
    ...scriptOf('  pass'),
    'provision/a/b.conf': 'b',
    'templates/t': 't',
    'README.md': 'no',
  })
  const { bytes } = await buildArchive({ ...app, permissions: { ...app.permissions, aptRepos: ['https://x'] } })
  const entries = await entriesOf(bytes)
  for (const name of [
    'runner',
    'sdk/appstore/runner.py',
    'sdk/appstore/calls/files.py',
    'provision/a/b.conf',
    'templates/t',
  ]) {
    t.equal(entries.get(name)?.type, 'file', name)
  }
  t.same(JSON.parse(entries.get('app.json')?.text ?? ''), { id: 'notes', script: 'install.py' })
  t.match(JSON.parse(entries.get('permissions.json')?.text ?? ''), { apt_repos: ['https://x'], installer_scripts: [] })
  t.notOk(entries.has('README.md'), 'what is for people stays here')
  t.same(
    [...entries.values()].filter(({ mode }) => (mode & 0o077) !== 0),
    [],
    'nothing is for others in the guest',
  )
})

t.test('equal contents make equal bytes, other contents another digest', async t => {
  const [one, two] = [folderOf(t), folderOf(t)]
  const files = { ...scriptOf('  pass'), 'provision/z': 'z', 'provision/a': 'a' }
  const first = await buildArchive(appWith(one, files))
  const again = appWith(two, Object.fromEntries(Object.entries(files).reverse()))
  utimesSync(join(two, 'provision/a'), 1, 1)
  t.same((await buildArchive(again)).bytes, first.bytes)
  t.match(first.digest, /^[0-9a-f]{32}$/)
  writeFileSync(join(two, 'provision/a'), 'b')
  t.not((await buildArchive(again)).digest, first.digest)
})

t.test('links and too much are refused', async t => {
  const folder = folderOf(t)
  const app = appWith(folder, scriptOf('  pass'))
  symlinkSync('/etc/passwd', join(folder, 'provision/link'))
  await t.rejects(buildArchive(app), { code: 'APPSTORE_MANIFEST_INVALID', problems: [{ file: 'provision/link' }] })
  const other = appWith(folderOf(t), Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`provision/${n}`, ''])))
  await t.rejects(buildArchive(other), { code: 'APPSTORE_MANIFEST_INVALID' })
})
