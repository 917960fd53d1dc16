import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Number of the account `nobody` and of its group, which own nothing. */
const nobody = '65534'
/** Set in the process that root starts, so that it is never started again from within. */
const mark = 'PGD_TEST_ORDINARY'

/**
 * Runs the tests of a file as an ordinary account, as PostgreSQL demands: root has them run by another process of `nobody`,
 * everybody else runs them here. `tests` gets a directory of that account, which goes away with the process.
 */
export async function asOrdinary(t: Test, file: string, tests: (directory: string) => void): Promise<void> {
  const isRoot = process.getuid?.() === 0
  if (isRoot && process.env[mark] === undefined) {
    const account = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']
    // Without the variables by which the test runner has every process write into the checkout.
    const clean = ['env', '-i', `PATH=${process.env.PATH}`, `${mark}=1`, 'TAP=1', 'TAP_TIMEOUT=240']
    const node = [process.execPath, '--conditions=@broker/source', file]
    await t.spawn('setpriv', [...account, ...clean, ...node], { cwd: '/' }, 'as nobody')
    return
  }
  if (isRoot) throw new Error('setpriv(1) did not change the account')
  const directory = mkdtempSync(join(tmpdir(), 'pgd-test-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  process.env.HOME = directory
  process.env.XDG_STATE_HOME = join(directory, 'state')
  tests(directory)
}
