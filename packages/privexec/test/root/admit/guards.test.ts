import { mock } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Allowed } from '../../../src/decide/decision.ts'
import type { GuardSubject } from '../../../src/guard/guard.ts'
import { checkGuards } from '../../../src/root/admit/guards.ts'
import { settle } from '../../support/link.ts'
import { noHost } from '../support/service.ts'

type Check = (subject: GuardSubject) => Promise<string | undefined>

const requestWith = (...checks: Check[]): Allowed =>
  ({
    command: {
      id: 'tool.use',
      program: { path: '/usr/bin/tool' },
      guards: checks.map((check, at) => ({ name: `guard-${at}`, summary: '', settings: [], check })),
    },
    grant: { where: { vmid: '20000-20999' }, settings: { pool: 'p' } },
    values: { vmid: 20_001 },
  }) as unknown as Allowed

const holding: Check = async () => undefined

t.test('all guards are asked in their order, each with values, bounds, settings, program and host', async s => {
  const asked: GuardSubject[] = []
  const check: Check = async subject => void asked.push(subject)
  await checkGuards(requestWith(check, check), noHost)
  const subject = {
    values: { vmid: 20_001 },
    where: { vmid: '20000-20999' },
    settings: { pool: 'p' },
    program: { path: '/usr/bin/tool' },
    host: noHost,
  }
  s.match(asked, [subject, subject])
})

t.test('the first that does not hold ends it; the reason is for root alone', async s => {
  let isAsked = false
  const later: Check = async () => {
    isAsked = true
    return undefined
  }
  const request = requestWith(holding, async () => 'container 20001 is somebody else', later)
  const error = await checkGuards(request, noHost).catch(cause => cause)
  s.equal(error.code, 'PRIVEXEC_GUARD_REFUSED')
  s.equal(error.message, 'tool.use: the object is not one that this policy may touch')
  s.equal(error.cause.message, 'guard-1: container 20001 is somebody else')
  s.notOk(isAsked)
})

t.test('a guard that throws, in whatever way, does not hold', async s => {
  const throwing: Check = () => {
    throw new Error('now')
  }
  const rejecting: Check = () => Promise.reject(new Error('later'))
  for (const check of [throwing, rejecting]) {
    await s.rejects(checkGuards(requestWith(check), noHost), { code: 'PRIVEXEC_GUARD_REFUSED' })
  }
})

t.test('refusals are answered at whole steps of time after the beginning, whatever they took', async s => {
  const slow: Check = async () => {
    await new Promise(resolve => setTimeout(resolve, 30))
    return 'no'
  }
  for (const check of [slow, async () => 'no']) {
    const began = performance.now()
    await checkGuards(requestWith(check), noHost).catch(() => {})
    // Timers may fire a millisecond early; how late they are is the machine's business.
    s.ok(performance.now() - began >= 98)
  }
})

t.test('of a step that has begun only the rest is waited for', async s => {
  const clock = mock.method(performance, 'now', () => (clock.mock.callCount() === 0 ? 1000 : 1230))
  const order: string[] = []
  const refused = checkGuards(
    requestWith(async () => 'no'),
    noHost,
  ).catch(() => order.push('refusal'))
  await settle(1)
  clock.mock.restore()
  // The refusal's timer began before, so it is the first to end, however busy the machine is.
  await Promise.all([refused, delay(90).then(() => order.push('90 ms'))])
  s.strictSame(order, ['refusal', '90 ms'])
})
