import fc from 'fast-check'
import t from 'tap'
import { Rate } from '../../../src/root/admit/rate.ts'
import { holds } from '../../support/property.ts'

t.test('no more pass than the number of a minute at once, and then what the time since allows', s =>
  holds(
    s,
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 400 }),
      (perMinute, pauses) => {
        const rate = new Rate(perMinute, 0)
        let now = 0
        let taken = 0
        for (const pause of pauses) {
          now += pause
          if (rate.take(now)) taken += 1
          if (taken > perMinute + (now * perMinute) / 60_000 + 1e-6) return false
        }
        return true
      },
    ),
  ),
)

t.test('a burst of a minute passes at once, and the rest steadily', async s => {
  const rate = new Rate(60, 1000)
  const taken = (now: number, asks: number) => Array.from({ length: asks }, () => rate.take(now)).filter(Boolean).length
  s.equal(taken(1000, 100), 60)
  s.equal(taken(1999, 5), 0)
  s.equal(taken(2000, 5), 1)
  s.equal(taken(12_000, 50), 10)
  s.equal(taken(10_000_000, 1000), 60, 'a long rest saves up one minute')
})
