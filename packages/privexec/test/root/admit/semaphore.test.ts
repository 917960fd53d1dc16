import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { Locks } from '../../../src/root/admit/locks.ts'
import { type Release, Semaphore } from '../../../src/root/admit/semaphore.ts'
import { settle } from '../../support/link.ts'
import { holds } from '../../support/property.ts'

const never = new AbortController().signal

/** What callers do: ask for a place, give one back (again), or stop waiting. */
const steps = fc.array(
  fc.oneof(
    fc.constant({ kind: 'ask' as const }),
    fc.record({ kind: fc.constantFrom('release' as const, 'leave' as const), who: fc.nat(20) }),
  ),
  { maxLength: 40 },
)

t.test('never more hold a place than there are, nobody waits beside a free place, and the order is that of asking', s =>
  holds(
    s,
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (places, plan) => {
      const semaphore = new Semaphore(places)
      const asked: { abort: AbortController; release?: Release; state: 'waits' | 'holds' | 'gone' }[] = []
      for (const step of plan) {
        if (step.kind === 'ask') {
          const caller: (typeof asked)[number] = { abort: new AbortController(), state: 'waits' }
          asked.push(caller)
          semaphore.acquire(caller.abort.signal).then(
            release => Object.assign(caller, { release, state: 'holds' }),
            () => Object.assign(caller, { state: 'gone' }),
          )
        } else {
          const caller = asked[step.who % asked.length]
          if (step.kind === 'leave') caller?.abort.abort()
          else if (caller?.release) {
            caller.release()
            caller.state = 'gone'
          }
        }
        await settle(1)
        const count = (state: string) => asked.filter(caller => caller.state === state).length
        const firstWaiting = asked.findIndex(({ state }) => state === 'waits')
        const isInOrder = firstWaiting < 0 || !asked.slice(firstWaiting).some(({ state }) => state === 'holds')
        if (count('holds') > places || (count('waits') > 0 && count('holds') < places) || !isInOrder) return false
      }
      return true
    }),
  ),
)

t.test('who stops waiting is told why, also who had stopped before', async s => {
  const semaphore = new Semaphore(1)
  await semaphore.acquire(never)
  const abort = new AbortController()
  const waiting = semaphore.acquire(abort.signal)
  abort.abort(new Error('enough'))
  await s.rejects(waiting, { message: 'enough' })
  await s.rejects(semaphore.acquire(abort.signal), { message: 'enough' })
})

t.test('a place that becomes free does not go to one who has stopped waiting', async s => {
  const semaphore = new Semaphore(1)
  const release = await semaphore.acquire(never)
  const abort = new AbortController()
  const left = semaphore.acquire(abort.signal)
  const next = semaphore.acquire(never)
  abort.abort(new Error('enough'))
  await s.rejects(left, { message: 'enough' })
  release()
  const second = await next
  second()
  let isFree = false
  semaphore.acquire(never).then(() => {
    isFree = true
  })
  await settle()
  s.ok(isFree, 'and it is given once')
})

t.test('who is in does not listen for its signal any more', async s => {
  const semaphore = new Semaphore(1)
  const release = await semaphore.acquire(never)
  const { signal } = new AbortController()
  const waiting = semaphore.acquire(signal)
  s.equal(getEventListeners(signal, 'abort').length, 1)
  release()
  await waiting
  s.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('the lock of an object keeps out only those for the same object, and leaves nothing behind', async s => {
  const locks = new Locks()
  const [first, other] = [await locks.take('vmid 20001', never), await locks.take('vmid 20002', never)]
  let isIn = false
  const second = locks.take('vmid 20001', never).then(release => {
    isIn = true
    return release
  })
  const abort = new AbortController()
  const third = locks.take('vmid 20001', abort.signal)
  abort.abort(new Error('enough'))
  await s.rejects(third, { message: 'enough' })
  await settle()
  s.notOk(isIn)
  first()
  first()
  const release = await second
  s.equal(locks.size, 2)
  release()
  other()
  s.equal(locks.size, 0)
})
