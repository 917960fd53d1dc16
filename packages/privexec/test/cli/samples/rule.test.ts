import fc from 'fast-check'
import t from 'tap'
import { argvOf, insideSamples, outsideSamples, ruleOf } from '../../../src/cli/samples/rule.ts'
import { cutSegments, identify, joinSegments } from '../../../src/cli/samples/segments.ts'
import { toRegExp } from '../../../src/pattern/dialect.ts'
import { loadPolicy } from '../../../src/policy/load.ts'
import { holds } from '../../support/property.ts'

const policies = await Promise.all(['appstore', 'pgd'].map(name => loadPolicy(`policies/${name}.yaml`)))
const grants = policies.flatMap(({ grants }) => grants)

t.test('the rule of every grant is recognised as its command, with the fields at their places', async t => {
  for (const { command, pattern } of grants) {
    const found = identify(command.program.executable, pattern.source)
    t.equal(found.command, command.id)
    const fields = found.segments.flatMap(({ field }) => (field === undefined ? [] : [field]))
    const wanted = command.argv.flatMap(each =>
      typeof each === 'string' || each.kind === 'marker' ? [] : [each.field],
    )
    t.same([...new Set(fields)], wanted)
  }
})

t.test('samples inside match the rule, samples outside do not, and there are both for each field', async t => {
  for (const { command, pattern } of grants) {
    const rule = ruleOf(command.program.executable, pattern.source)
    if (rule === undefined) return t.fail(`${command.id} is not read`)
    const [inside, outside] = [insideSamples(rule), outsideSamples(rule)]
    t.ok(inside.length > 10 && outside.length > 5, `${inside.length} and ${outside.length} samples of ${command.id}`)
    t.ok(inside.every(({ joined }) => toRegExp(pattern).test(joined)))
    t.notOk(outside.some(({ joined }) => toRegExp(pattern).test(joined)))
    t.ok(inside.every(sample => argvOf(sample).slice(1).join(' ') === sample.joined))
  }
})

t.test('segments of constant words and options join to what they were cut from', async t => {
  t.same(cutSegments('a [ -~]{2}( --x [0-9])?( --y (a|b))?'), ['a', '[ -~]{2}', '( --x [0-9])?', '( --y (a|b))?'])
  t.equal(joinSegments(['a', 'b', ' --x 1', '']), 'a b --x 1')
  const words = fc.array(fc.stringMatching(/^[a-z(|)?]{0,5}[a-z]$/), { minLength: 1 })
  await holds(
    t,
    fc.property(words, list => {
      const plain = list.map(word => word.replace(/[(|)?]/g, ''))
      return cutSegments(plain.join(' ')).join(' ') === plain.join(' ')
    }),
  )
})
