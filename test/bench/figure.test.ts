import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../packages/privexec/test/support/property.ts'
import { describe, isReached } from './figure.ts'
import { median, quantile, spread } from './statistics.ts'

const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 })

t.test('half of the samples lie on each side of the median, whatever their order', async s => {
  holds(
    s,
    fc.property(samples, values => {
      const middle = median(values)
      const below = values.filter(value => value < middle).length
      const above = values.filter(value => value > middle).length
      return values.includes(middle) && below <= values.length / 2 && above <= values.length / 2
    }),
  )
  s.throws(() => median([]), RangeError)
})

t.test('quantiles do not fall, and a spread has them in order', async s => {
  holds(
    s,
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const { p05, median: middle, p95 } = spread(values)
      return quantile(values, 0) <= quantile(values, q) && p05 <= middle && middle <= p95
    }),
  )
})

t.test('a figure is reached on the right side of its target, and says so', async s => {
  const figure = { name: 'a', unit: '%' } as const
  s.equal(isReached({ ...figure, value: 5, target: { atMost: 5 } }), true)
  s.equal(isReached({ ...figure, value: 5.1, target: { atMost: 5 } }), false)
  s.equal(isReached({ ...figure, value: 1, target: { atLeast: 2 } }), false)
  s.equal(isReached({ ...figure, value: 1 }), undefined)
  s.match(describe([{ ...figure, value: 5.1, target: { atMost: 5 } }]), /^MISSED {2}a: 5\.1 %, wanted <= 5\.0 %$/)
  s.match(
    describe([{ name: 'b', unit: '/s', value: 1234567, target: { atLeast: 5 } }]),
    /^reached b: 1,234,567\/s, wanted >= 5\/s$/,
  )
})
