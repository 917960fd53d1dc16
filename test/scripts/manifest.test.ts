import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const script = join(import.meta.dirname, '../../scripts/manifest.ts')
const original = '{\n "version": "1.0.0", "dependencies": { "@broker/privexec": "workspace:*", "other": "2.0.0" }\n}\n'

/** A package with the script in it. */
function packageOf(s: Test) {
  const root = s.testdir({
    'package.json': original,
    node_modules: { '@broker': { privexec: { 'package.json': '{ "version": "3.1.4" }' } } },
  })
  mkdirSync(join(root, 'scripts'))
  copyFileSync(script, join(root, 'scripts/manifest.ts'))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/manifest.ts'), ...args], { cwd: root, encoding: 'utf8' })
  const read = (): string => readFileSync(join(root, 'package.json'), 'utf8')
  return { run, read, file: join(root, 'package.json'), kept: join(root, 'package.json.kept') }
}

t.test('what is packed names versions, and afterwards the manifest is byte by byte as before', async s => {
  const { run, read, kept } = packageOf(s)
  s.equal(run().status, 0)
  s.strictSame(JSON.parse(read()).dependencies, { '@broker/privexec': '3.1.4', other: '2.0.0' })
  s.equal(run('--restore').status, 0)
  s.equal(read(), original)
  s.notOk(existsSync(kept))
  s.equal(run('--restore').status, 0, 'again, there is nothing to do')
})

t.test('a pack that was killed is repaired by the next one', async s => {
  const { run, read, kept } = packageOf(s)
  run()
  s.equal(run().status, 0, 'it packs again')
  s.equal(readFileSync(kept, 'utf8'), original, 'and still knows the original')
  run('--restore')
  s.equal(read(), original)
  // Killed between the two files.
  writeFileSync(kept, original)
  s.equal(run('--restore').status, 0)
  s.equal(read(), original)
})

t.test('what somebody changed after a killed pack is not lost', async s => {
  const { run, read, file, kept } = packageOf(s)
  run()
  writeFileSync(file, read().replace('2.0.0', '2.1.0'))
  for (const args of [[], ['--restore']]) s.match(run(...args), { status: 1, stderr: /was changed after/ })
  s.match(read(), '2.1.0')
  s.equal(readFileSync(kept, 'utf8'), original)
})
