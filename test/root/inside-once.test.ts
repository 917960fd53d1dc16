import { readdirSync, readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { runOnce } from '../../packages/privexec/src/root/start/once.ts'
import { link, talker } from '../../packages/privexec/test/support/link.ts'
import { eventually } from '../attacks/support/processes.ts'
import { prepareHost } from '../host/prepare.ts'
import { auditFile, commands, forget, installInside, name, records, request, scriptOf } from './support/inside.ts'

// The portable transport's program within this process; its standard streams are the test's for that time.
prepareHost()
await installInside({ transport: 'portable' })
t.teardown(forget)

/** Runs one request as sudo starts it, for an account; without one, as nobody says. */
function once(uid?: string) {
  const [near, far] = link()
  const streams = { stdin: process.stdin, stdout: process.stdout }
  const own = { stdin: far, stdout: far }
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  const before = signals.flatMap(signal => process.listeners(signal))
  for (const key of ['stdin', 'stdout'] as const)
    Object.defineProperty(process, key, { value: own[key], configurable: true })
  if (uid === undefined) delete process.env.SUDO_UID
  else process.env.SUDO_UID = uid
  const listeners = (signal: NodeJS.Signals) => process.listeners(signal).filter(each => !before.includes(each))
  const ended = runOnce(name, commands).finally(() => {
    for (const key of ['stdin', 'stdout'] as const)
      Object.defineProperty(process, key, { value: streams[key], configurable: true })
    for (const signal of signals) for (const each of listeners(signal)) process.off(signal, each)
    delete process.env.SUDO_UID
  })
  ended.catch(() => {})
  const signal = (signal: NodeJS.Signals) => {
    for (const each of listeners(signal)) each(signal)
  }
  return { ...talker(near, 'root'), ended, signal }
}

t.test('one request is served, for the account that sudo names, and all of it is said before the end', async s => {
  scriptOf('head -c 1000000 /dev/zero')
  const { say, json, heard, stream, ended } = once('0')
  say(request('test.script'))
  const { operation } = await json('accepted')
  await json('started')
  await ended
  s.ok(await eventually(() => heard.at(-1)?.name === 'outcome'))
  const bytes = heard.filter(({ name }) => name === 'stdout').reduce((sum, { payload }) => sum + payload.length, 0)
  s.equal(bytes, 1_000_000)
  s.ok(stream.readableEnded)
  const mine = records().filter(({ event }) => event.id === operation)
  const asks = { user: { id: '0', name: 'root' }, process: { parent: { pid: process.ppid } } }
  s.match(mine, [{ ...asks, labels: { transport: 'portable' } }, { event: { type: ['end'] } }])
})

t.test('somebody for whom the policy is not is refused, and it is recorded', async s => {
  const { json, ended } = once('65534')
  s.match(await json('refused'), { code: 'PRIVEXEC_PEER_REFUSED' })
  await ended
  s.match(records().at(-1), { event: { code: 'PRIVEXEC_PEER_REFUSED' }, user: { id: '65534', name: 'nobody' } })
})

t.test('when sudo does not say who asks, nothing is served', async s => {
  for (const uid of [undefined, '', '-1', '1000x', 'x0', '0x0', '1e3']) {
    await s.rejects(once(uid).ended, { code: 'PRIVEXEC_PEER_REFUSED' }, String(uid))
  }
})

t.test('a signal ends what runs', async s => {
  scriptOf('echo begun; exec sleep 600')
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const at = once('0')
    at.say(request('test.script'))
    await at.json('accepted')
    await at.json('started')
    await at.bytes('stdout')
    at.signal(signal)
    s.match(await at.json('outcome'), { interruption: 'stopped', ended: true })
    await at.ended
    s.match(records().at(-1), { event: { code: 'PRIVEXEC_DAEMON_UNAVAILABLE' } })
  }
})

t.test('a caller who goes away in the middle is no reason to fail', async s => {
  scriptOf('echo begun; exec sleep 600')
  const { say, json, stream, ended } = once('0')
  say(request('test.script'))
  await json('accepted')
  await json('started')
  stream.destroy()
  await ended
  s.match(records().at(-1), { event: { type: ['end'] }, labels: { ended: true } })
})

t.test('its records are closed at the end', async s => {
  const open = () => readdirSync('/proc/self/fd').filter(fd => linkOf(fd).startsWith(dirname(auditFile))).length
  const { say, json, ended } = once('0')
  say(request())
  await json('accepted')
  s.ok(open() > 0)
  await ended
  s.equal(open(), 0)
})

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
