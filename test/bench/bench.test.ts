import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostMissing } from '../host/run.ts'
import type { Figure } from './figure.ts'

const skip = hostMissing() ?? false

t.setTimeout(390_000)

/** One short run; the two below take turns, since both build. */
function run(s: Test, ...options: readonly string[]): Figure[] {
  const args = ['-u', 'NODE_OPTIONS', process.execPath, join(import.meta.dirname, 'main.ts'), '--quick', '--json']
  const { status, stdout, stderr } = spawnSync('env', [...args, ...options], { encoding: 'utf8' })
  s.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

t.test('the benchmark runs all its cases; how fast they are is no matter of a test', { skip }, async s => {
  const figures = run(s)
  const wanted = figures.filter(figure => figure.target !== undefined).map(figure => figure.name.split(/[,(]/)[0])
  s.strictSame(
    wanted.map(name => name?.trim()),
    [
      'overhead of broker.run over sudo -n',
      'overhead of broker.run over sudo -n',
      ...Array.from({ length: 4 }, () => [
        'root-side broker over bare spawn',
        'fresh sudo over root-side broker',
      ]).flat(),
      'validations',
      'durable audit records',
      'import of the built library over bare Node',
      'growth of memory under 64 MB of output',
      'overhead of broker.run over sudo -n',
    ],
  )
  for (const { name, value } of figures) s.ok(Number.isFinite(value), name)
})

t.test('that of the app store indexes, lists, installs, and gives every follower every event', async s => {
  const figures = run(s, '--only=appstore')
  const wanted = figures.filter(figure => figure.target !== undefined).map(figure => figure.name.split(',')[0])
  s.strictSame(wanted, ['index of 1000 apps', 'memory of the idle daemon', 'lists of apps'])
  for (const begin of ['500 followers of one job', '20 installs at once']) {
    s.ok(
      figures.some(({ name }) => name.startsWith(begin)),
      begin,
    )
  }
  for (const { name, value } of figures) s.ok(value > 0 && Number.isFinite(value), name)
})

t.test('that of pgd makes, resets and deletes branches everywhere', { skip }, async s => {
  const figures = run(s, '--only=pgd')
  for (const place of ['directory, processes', 'user-space ZFS, processes', 'user-space ZFS, Docker']) {
    const names = figures.map(({ name }) => name).filter(name => name.startsWith(`${place}:`))
    for (const operation of ['bare', 'create to first query', 'reset', 'delete']) {
      s.ok(
        names.some(name => name.includes(operation)),
        `${place}: ${operation}`,
      )
    }
  }
  for (const { name, value } of figures) s.ok(value > 0 && Number.isFinite(value), name)
})
