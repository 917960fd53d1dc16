import fc from 'fast-check'
import t from 'tap'
import { compareSudoVersions, parseSudoVersion } from '../../src/doctor/sudo-version.ts'
import { holds } from '../support/property.ts'

t.test('the two kinds of sudo are told apart by what they print', async t => {
  const classic = 'Sudo version 1.9.13p3\nSudoers policy plugin version 1.9.13p3\nSudoers file grammar version 50\n'
  t.strictSame(parseSudoVersion(classic), { kind: 'classic', version: '1.9.13p3' })
  t.strictSame(parseSudoVersion('sudo-rs 0.2.8\n'), { kind: 'sudo-rs', version: '0.2.8' })
  t.strictSame(parseSudoVersion('OpenDoas\n'), { kind: 'unknown' })
})

t.test('versions are ordered as upstream released them', async t => {
  const released = ['1.8.31p2', '1.9.0', '1.9.5p1', '1.9.5p2', '1.9.9', '1.9.10', '1.9.13p3', '1.9.17b1', '1.9.17rc1']
  const order = [...released, '1.9.17', '1.9.17p1', '1.9.17p2', '1.9.18']
  for (const [at, version] of order.entries()) {
    for (const [other, name] of order.entries()) {
      t.equal(Math.sign(compareSudoVersions(version, name)), Math.sign(at - other), `${version} and ${name}`)
    }
  }
})

t.test('the order is one: turning the sides turns the sign', async t => {
  const number = fc.nat(30)
  const version = fc
    .tuple(number, number, number, fc.constantFrom('', 'p1', 'p2', 'b1', 'rc2'))
    .map(([a, b, c, stage]) => `${a}.${b}.${c}${stage}`)
  await holds(
    t,
    fc.property(version, version, (a, b) => {
      const forth = compareSudoVersions(a, b)
      return Math.sign(forth) === -Math.sign(compareSudoVersions(b, a)) && (forth === 0) === (a === b)
    }),
  )
})
