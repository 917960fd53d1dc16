import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundle } from '../../scripts/bundle.ts'

const root = join(import.meta.dirname, '../..')
const place = t.testdir()
const dist = join(place, 'dist')
const licenses = await bundle(dist)
copyFileSync(join(root, 'package.json'), join(place, 'package.json'))

/** Runs Node without what a test runner puts into the processes of its tests. */
function node(...args: readonly string[]): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { HOME: place } })
  return { stdout, stderr, status }
}
const bundled = (...args: readonly string[]) => node(join(dist, 'cli/main.js'), ...args)
const sources = (...args: readonly string[]) =>
  node('--conditions=@broker/source', join(root, 'src/cli/main.ts'), ...args)

t.test('pages of help are those of the sources, though their lines are broken by other code', async s => {
  for (const words of [[], ['branch'], ['branch', 'create'], ['project', 'create'], ['import'], ['setup']]) {
    s.same(bundled(...words, '--help'), sources(...words, '--help'), words.join(' '))
  }
})

t.test('errors and answers are those of the sources', async s => {
  const store = ['--store', `directory:${join(place, 'store')}`, '--runtime', 'process', '--json']
  for (const words of [
    ['--version'],
    ['branch', 'get', 'a/b', ...store],
    ['branch', 'list', '--nonsense'],
    ['nothing'],
  ])
    s.same(bundled(...words), sources(...words), words.join(' '))
})

t.test('each file loads, and finds what it imports', async s => {
  // @peculiar/x509 wants something that whoever loads it brings.
  const files = globSync('**/*.js', { cwd: dist }).filter(file => !/x509|main/.test(file))
  s.ok(files.length > 8, files.join(' '))
  const script = `for (const file of ${JSON.stringify(files)}) await import(${JSON.stringify(dist)} + '/' + file)`
  s.same(node('--input-type=module', '--eval', script), { stdout: '', stderr: '', status: 0 })
})

t.test('licenses of all that is in it are beside it, and of nothing that a stand-in replaces', async s => {
  for (const name of ['dockerode', 'pg', 'yargs', 'zod', 'yaml', '@peculiar/x509', 'diff']) {
    s.ok(licenses.includes(`\n${name}\n\n`), name)
  }
  for (const name of ['@grpc/grpc-js', 'protobufjs', 'ssh2', 'string-width']) s.notOk(licenses.includes(`${name}\n\n`))
})
