import t from 'tap'
import { type Answers, recordingTransport, testBroker } from '../../../../packages/privexec/src/testing/index.ts'
import { AppstoreError } from '../../src/errors/error.ts'
import { guestDoor } from '../../src/privileged/door.ts'
import { openPrivileged } from '../../src/privileged/open.ts'

const policy = new URL('../../../../policies/appstore.yaml', import.meta.url).pathname

async function doorWith(answers: Answers, vmid = 20001) {
  const transport = recordingTransport(answers)
  return { door: guestDoor(await testBroker(policy, transport), vmid, { id: 'ada' }), transport }
}

t.test('a program runs with its input, and one that fails is a result', async t => {
  const { door, transport } = await doorWith({ 'pct.exec': { stdout: 'out', stderr: 'err', exitCode: 3 } })
  t.same(await door.exec(['sh', '-s'], { stdin: 'script' }), { exitCode: 3, stdout: 'out', stderr: 'err' })
  t.same(transport.calls[0]?.argv.slice(-2), ['sh', '-s'])
  t.equal(Buffer.concat(transport.calls[0]?.stdin ?? []).toString(), 'script')
})

t.test('a callback takes the output', async t => {
  const { door } = await doorWith({ 'pct.exec': { stdout: 'out' } })
  const chunks: string[] = []
  const { exitCode, stdout } = await door.exec(['true'], { onStdout: chunk => void chunks.push(chunk.toString()) })
  t.same([exitCode, stdout, chunks], [0, '', ['out']])
})

t.test('a program that the guest has not is a result, a guest that does not run is an error', async t => {
  const missing = { exitCode: 127, stderr: "/usr/bin/env: 'nosuch': No such file or directory\n" }
  const { door } = await doorWith({ 'pct.exec': missing })
  t.match(await door.exec(['nosuch']), { exitCode: 127 })
  const off = { exitCode: 255, stderr: "container '20001' not running!\n" }
  const { door: other } = await doorWith({
    'pct.exec': off,
    'pct.push': { stderr: 'can only push files to a running CT\n' },
  })
  await t.rejects(other.exec(['true']), { code: 'APPSTORE_PRIVILEGED_FAILED', cause: { failure: 'notRunning' } })
  const push = other.push(Buffer.from('x'), '/root/x', { perms: '0600' })
  await t.rejects(push, { code: 'APPSTORE_PRIVILEGED_FAILED', cause: { failure: 'notRunning' } })
})

t.test('a guest outside the range of the policy is refused before anything runs', async t => {
  const { door, transport } = await doorWith({}, 104)
  await t.rejects(door.exec(['true']), {
    code: 'APPSTORE_PRIVILEGED_REFUSED',
    cause: { code: 'PRIVEXEC_OUT_OF_BOUNDS' },
  })
  await t.rejects(door.push(Buffer.from('x'), '/root/x', { perms: '0600' }), { code: 'APPSTORE_PRIVILEGED_REFUSED' })
  t.same(transport.calls, [])
})

t.test('a lost exit status is a failure, never a success', async t => {
  const lost = { fault: { kind: 'lost', text: 'gone' } } as const
  const { door } = await doorWith({ 'pct.exec': lost, 'pct.push': lost })
  await t.rejects(door.exec(['true']), { code: 'APPSTORE_PRIVILEGED_FAILED' })
  await t.rejects(door.push(Buffer.from('x'), '/root/x', { perms: '0600' }), { code: 'APPSTORE_PRIVILEGED_FAILED' })
})

t.test('a time limit and a cancel are told apart, and a reason of ours is the error', async t => {
  const { door } = await doorWith({ 'pct.exec': { hangs: true } })
  await t.rejects(door.exec(['sleep', '9'], { timeout: 20 }), { code: 'APPSTORE_TIMED_OUT' })
  await t.rejects(door.exec(['sleep', '9'], { signal: AbortSignal.abort() }), { code: 'APPSTORE_CANCELLED' })
  const reason = new AppstoreError('APPSTORE_BUSY', 'stopping')
  await t.rejects(door.exec(['sleep', '9'], { signal: AbortSignal.abort(reason) }), { code: 'APPSTORE_BUSY' })
})

t.test('what a callback throws is the error', async t => {
  const { door } = await doorWith({ 'pct.exec': { stdout: 'x' } })
  const onStdout = (): void => {
    throw new AppstoreError('APPSTORE_PROVISION_FAILED', 'too much')
  }
  await t.rejects(door.exec(['true'], { onStdout }), { code: 'APPSTORE_PROVISION_FAILED', message: 'too much' })
})

t.test('a pushed file has its place and its mode', async t => {
  const { door, transport } = await doorWith({})
  await door.push(Buffer.from('bytes'), '/opt/appstore/run/notes/0a.tar', { perms: '0600' })
  t.same(transport.calls[0]?.argv.slice(-3), ['/opt/appstore/run/notes/0a.tar', '--perms', '0600'])
  t.equal(transport.calls[0]?.content?.toString(), 'bytes')
})

t.test('a policy that is not there is said to be', async t => {
  await t.rejects(openPrivileged('/nosuch/policy.yaml'), AppstoreError)
})
