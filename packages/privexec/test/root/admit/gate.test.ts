import t from 'tap'
import { defaultLimits } from '../../../src/policy/limits.ts'
import { openGate } from '../../../src/root/admit/gate.ts'

t.test('as many operations are let in as may run and wait, and one more when one has left', async s => {
  const gate = openGate({ ...defaultLimits, running: 2, queue: 1 })
  const leave = [gate.enter(), gate.enter(), gate.enter()]
  s.throws(() => gate.enter(), { code: 'PRIVEXEC_BUSY', message: /2 operations run and 1 wait/ })
  leave[0]?.()
  leave[0]?.()
  s.equal(gate.active, 2, 'leaving twice is leaving once')
  gate.enter()
  s.throws(() => gate.enter(), { code: 'PRIVEXEC_BUSY' })
})

t.test('without a queue there is room for those that run', async s => {
  const gate = openGate({ ...defaultLimits, running: 1, queue: 0 })
  gate.enter()
  s.throws(() => gate.enter(), { code: 'PRIVEXEC_BUSY' })
})

t.test('more requests than the limit of a minute are counted out', async s => {
  const gate = openGate({ ...defaultLimits, perMinute: 3 })
  for (let turn = 0; turn < 3; turn++) gate.count()
  s.throws(() => gate.count(), { code: 'PRIVEXEC_BUSY', message: /3 requests in a minute/ })
})
