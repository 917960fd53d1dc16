import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { hostMissing, runInHost } from '../host/run.ts'
import { suites } from './support/suites.ts'

// node test/sudo-rs/run.ts [FILE...]
// Fetches sudo-rs, since a throwaway host has no network, and runs all tests of this folder, or some files, in one. Its
// output is TAP. A sudo-rs that cannot be fetched is left out, with one line that says why.

const root = join(import.meta.dirname, '../..')

function main(files: readonly string[]): number {
  const missing = hostMissing()
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`)
    return 77
  }
  for (const suite of suites()) {
    const { status } = spawnSync('sh', [join(import.meta.dirname, 'install.sh'), suite], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0 && status !== 77) return status ?? 70
  }
  process.chdir(root)
  const chosen = files.length > 0 ? files : globSync('test/sudo-rs/*.test.ts').sort()
  // The files share the sudoers of one host, so one runs at a time.
  return runInHost(['tap', '--disable-coverage', '--jobs=1', ...chosen])
}

process.exitCode = main(process.argv.slice(2))
