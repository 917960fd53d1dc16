import { spawnSync } from 'node:child_process'
import t from 'tap'
import { unprivileged } from '../support/unprivileged.ts'
import { hostMissing } from './run.ts'

// An empty environment, since tap's makes every Node below it write into the repository.
const run = (args: string[], as: readonly string[] = []) =>
  spawnSync(
    'env',
    ['-i', `PATH=${process.env.PATH}`, ...as, process.execPath, `${import.meta.dirname}/run.ts`, ...args],
    {
      encoding: 'utf8',
    },
  )

t.test('without root one line says what is missing, and the exit status is 77', async s => {
  const { status, stderr } = run(['--', 'true'], unprivileged)
  s.equal(status, 77)
  s.match(stderr, /^the throwaway host needs (root|Linux, this is .*)\n$/)
})

t.test('as root it runs the command on a host and has its exit status', { skip: hostMissing() ?? false }, async s => {
  const { status, stdout } = run(['--', 'sh', '-c', 'hostname; exit 5'])
  s.equal(stdout, 'pve\n')
  s.equal(status, 5)
  s.match(run([]), { status: 64, stderr: /^usage: / })
})
