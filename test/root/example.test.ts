import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { prepareHost } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'
import { installScript, startDaemon, testPolicy } from './support/daemon.ts'

prepareHost()
const daemon = await startDaemon(testPolicy())
t.teardown(() => daemon.stop())

const python = '/usr/bin/python3'
const options = existsSync(python) ? {} : { skip: `there is no ${python}` }
const example = join(import.meta.dirname, '../../docs/examples/privexec-call.py')
const call = (user: string, command: string, input: object) =>
  runAs(user, [python, example, socketPath('rootside'), command, JSON.stringify(input)])

t.test('the example in Python passes on what a program of root says, and how it exits', options, async t => {
  installScript('id -u; echo words >&2; exit 9')
  const run = await call('appstore', 'test.script', { name: 'tank/a' })
  t.strictSame(run, { stdout: '0\n', stderr: 'words\n', exitCode: 9, signal: null })
})

t.test('it says what root refused, which is recorded', options, async t => {
  const run = await call('appstore', 'test.script', { name: 'rpool/data' })
  t.match(run, { stdout: '', stderr: /PRIVEXEC_OUT_OF_BOUNDS/, exitCode: 1 })
  const last = readFileSync(daemon.policy.audit.file, 'utf8').trim().split('\n').at(-1) ?? ''
  t.match(JSON.parse(last), { event: { type: ['denied'], code: 'PRIVEXEC_OUT_OF_BOUNDS' }, user: { name: 'appstore' } })
})

t.test('another account does not reach the socket', options, async t => {
  const run = await call('mallory', 'test.script', { name: 'tank/a' })
  t.match(run, { stdout: '', stderr: /PermissionError/, exitCode: 1 })
})
