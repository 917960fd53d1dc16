import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { compareVersions } from '../../../src/catalog/index/version.ts'

t.test('versions are ordered by their numbers', async t => {
  const ascending = ['0.9', '1.0-rc1', '1.0-rc2', '1.0', '1.0.1', '1.9', '1.10', 'v2.0', '9.0.0', '10.0.0', '2025.1.0']
  for (const [index, version] of ascending.entries()) {
    for (const [other, later] of ascending.entries()) {
      t.equal(Math.sign(compareVersions(version, later)), Math.sign(index - other), `${version} ${later}`)
    }
  }
  t.equal(compareVersions('1.0', '1.0.0'), 0)
  t.equal(compareVersions('1.0+a', '1.0+b'), 0)
  t.equal(compareVersions('v1.2', '1.2'), 0)
})

t.test('the order is one: antisymmetric and transitive', async t => {
  const version = fc
    .array(fc.constantFrom('0', '1', '2', '10', '.', '-', 'rc', 'a', 'v', '+'), { maxLength: 6 })
    .map(parts => parts.join(''))
  const sign = (a: string, b: string): number => Math.sign(compareVersions(a, b))
  await holds(
    t,
    fc.property(version, version, (a, b) => sign(a, b) + sign(b, a) === 0 && sign(a, a) === 0),
    { numRuns: 2000 },
  )
  await holds(
    t,
    fc.property(version, version, version, (a, b, c) => !(sign(a, b) <= 0 && sign(b, c) <= 0) || sign(a, c) <= 0),
    { numRuns: 5000 },
  )
})
