import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Python of the system, as it is in a guest; why there is none, if so. */
export const python = '/usr/bin/python3'
const version = spawnSync(python, ['-c', 'import sys; print(sys.version_info >= (3, 11))'], { encoding: 'utf8' })
export const missing = version.stdout === 'True\n' ? false : 'needs Python 3.11 at /usr/bin/python3'

/** Runs test modules of the SDK; each of their tests becomes one assertion. */
export function runPython(t: Test, modules: readonly string[]): void {
  const done = spawnSync(python, ['-B', 'main.py', ...modules], {
    cwd: join(import.meta.dirname, 'python'),
    encoding: 'utf8',
    // What tap puts into the environment of children is not for Python.
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    maxBuffer: 1e8,
  })
  const lines = done.stdout.split('\n').filter(line => line.startsWith('{'))
  for (const line of lines) {
    const { title, ok, text } = JSON.parse(line) as { title: string; ok: boolean; text: string }
    if (!ok) t.comment(text)
    t.ok(ok, title)
  }
  t.equal(done.status, 0, done.stderr.slice(-2000) || 'the tests ran to their end')
  t.ok(lines.length >= modules.length, 'each module has tests')
}
