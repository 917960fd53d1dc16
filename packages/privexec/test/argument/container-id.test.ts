import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { containerId } from '../../src/argument/container-id.ts'
import { matches, oddTexts, oddValues, problemWith } from '../support/field.ts'
import { holds } from '../support/property.ts'
import { checkRefusal } from '../support/words.ts'

const type = containerId(20_000, 20_999)

t.test('a container id is a number in its range, and its spelling is the decimal one', async t => {
  for (const id of [20_000, 20_001, 20_999]) {
    t.equal(problemWith(type, id), undefined)
    t.ok(matches(type, String(id)))
  }
  for (const id of [104, 0, -20_001, 19_999, 21_000, 20_000.5, 2e21, Number.MAX_SAFE_INTEGER]) {
    checkRefusal(t, type, id)
    t.notOk(matches(type, String(id)), 'and so does the pattern')
  }
  for (const value of [...oddValues, ...oddTexts, '20001', ' 20001', '0x4e21', '020001']) checkRefusal(t, type, value)
  for (const text of [...oddTexts, '020001', '+20001', '20001.0', '20001\n', '2000１', '2e4'])
    t.notOk(matches(type, text), text)
})

t.test('without a range it is one of Proxmox VE', async t => {
  for (const id of [100, 999_999_999]) t.equal(problemWith(containerId(), id), undefined)
  for (const id of [99, 1_000_000_000]) checkRefusal(t, containerId(), id)
})

t.test('schema and pattern agree for any range and number', async t => {
  const size = fc.integer({ min: 100, max: 999_999_999 })
  const property = fc.property(size, size, size, fc.integer({ min: -1, max: 1 }), (a, b, any, near) => {
    const range = containerId(Math.min(a, b), Math.max(a, b))
    return [any, a + near, b + near].every(id => (problemWith(range, id) === undefined) === matches(range, String(id)))
  })
  await holds(t, property)
})

t.test('a policy writes the range as from-to, and cannot widen a definition', async t => {
  const schema = type.bound?.schema(z)
  for (const good of ['100-999999999', '200-200']) t.ok(schema?.safeParse(good).success, good)
  for (const bad of [
    '99-200',
    '0100-200',
    '100',
    '100-',
    '-200',
    '100-1000000000',
    '100 - 200',
    '100-200\n',
    '1e2-2e2',
    '100–200',
    100,
    null,
  ]) {
    t.notOk(schema?.safeParse(bad).success, JSON.stringify(bad))
  }
  const narrow = (range: string) => type.bound?.narrow(range as never)
  t.match(narrow('20010-20019')?.allowed, /from 20010 to 20019/)
  for (const wider of ['100-20999', '20000-21000', '300-200'])
    t.throws(() => narrow(wider), { code: 'PRIVEXEC_POLICY_INVALID' }, wider)
})
