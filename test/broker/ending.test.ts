import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { endOperation } from '../../packages/privexec/src/transport/sudo/paths.ts'
import { prepareHost } from '../host/prepare.ts'
import { left, stubbornInContainer } from '../support/stubborn.ts'
import { call, exec, installEndOperation, installed, testPolicy } from './installed.ts'

prepareHost({ containers: true, zfs: true })
await installed()

const stubborn = (more: object) => ({
  policy: testPolicy,
  command: 'test.stubborn',
  input: { name: 'tank/x' },
  ...more,
})

t.test('a time limit ends a root process that ignores signals and forked away', async t => {
  const [answer] = await call('appstore', [stubborn({ timeout: 500 })])
  t.match(answer, { code: 'PRIVEXEC_TIMED_OUT', isTimedOut: true, ended: true, stdout: 'started\n' })
  t.same(left(), [])
})

t.test('a cancel ends it too', async t => {
  const [answer] = await call('appstore', [stubborn({ cancelAfter: 500 })])
  t.match(answer, { code: 'PRIVEXEC_CANCELLED', isCancelled: true, ended: true })
  t.same(left(), [])
})

t.test('a time limit and a cancel end what runs in the container', async t => {
  const [timeout, cancel] = await call('appstore', [
    exec(stubbornInContainer, { timeout: 700 }),
    exec(stubbornInContainer, { cancelAfter: 700 }),
  ])
  t.match(timeout, { code: 'PRIVEXEC_TIMED_OUT', ended: true })
  t.match(cancel, { code: 'PRIVEXEC_CANCELLED', ended: true })
  t.same(left(), [])
})

t.test('the time limit of the policy counts when the caller gives none', async t => {
  const [answer] = await call('appstore', [stubborn({})])
  t.match(answer, { code: 'PRIVEXEC_TIMED_OUT', ended: true })
  t.same(left(), [])
})

t.test(
  'when the operation cannot be ended the caller is told so, and sudo ends the command at its time limit',
  async t => {
    rmSync(endOperation)
    t.teardown(installEndOperation)
    const [answer] = await call('appstore', [stubborn({ timeout: 300 })])
    t.match(answer, { code: 'PRIVEXEC_TIMED_OUT', ended: false, message: /may still be running/ })
    for (let tries = 0; tries < 50 && left().some(line => line.includes('stubborn')); tries++) await delay(200)
    t.notOk(
      left().some(line => line.includes('/bin/sh /usr/local/sbin/stubborn')),
      'the command itself is gone',
    )
    execFileSync('pkill', ['-KILL', '-f', 'sleep 4'])
  },
)

t.test('when sudo itself is killed the status is lost, and what it started is ended', async t => {
  const answers = call('appstore', [stubborn({})])
  for (let tries = 0; tries < 100 && !left().some(line => line.includes('sleep 4005')); tries++) await delay(20)
  execFileSync('pkill', ['-KILL', '-x', 'sudo'])
  const [answer] = await answers
  t.match(answer, { code: 'PRIVEXEC_STATUS_LOST', isLost: true })
  t.same(left(), [])
})

t.test('a program that leaves a service behind has succeeded, and the service goes on', async t => {
  const [answer] = await call('appstore', [exec(['sh', '-c', 'sleep 4020 & echo started'])])
  t.match(answer, { exitCode: 0, stdout: 'started\n' })
  t.ok(left().some(line => line.includes('sleep 4020')))
  execFileSync('pkill', ['-KILL', '-f', 'sleep 4020'])
})

t.test('every operation that began has an outcome in the audit', async t => {
  const lines = readFileSync('/var/lib/appstore/test-audit.jsonl', 'utf8').trim().split('\n')
  const events = lines.map(
    line => (JSON.parse(line) as { event: { id: string; type: string[]; outcome: string } }).event,
  )
  const begun = events.filter(event => event.type.includes('start')).map(event => event.id)
  const ended = events.filter(event => event.type.includes('end')).map(event => event.id)
  t.same(ended.sort(), begun.sort())
  t.ok(
    events.some(event => event.outcome === 'unknown' && event.type.includes('end')),
    'the lost one is unknown',
  )
})
