import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { acceptInputs, checkInputs } from '../../../src/catalog/inputs/check.ts'
import { Secret } from '../../../src/catalog/inputs/secret.ts'
import type { Input } from '../../../src/catalog/manifest/manifest.ts'
import { least, manifestOf } from '../support/catalog.ts'

const inputs: readonly Input[] = manifestOf(
  least(
    'app',
    `inputs:
  - { key: port, label: P, type: number, default: 80, required: true, reconfigurable: true, validation: { min: 1, max: 65535 } }
  - { key: mode, label: M, type: select, default: plain, validation: { enum: [plain, tls] } }
  - { key: host, label: H, type: string, required: true, show_when: { input: mode, values: [tls] }, validation: { format: hostname } }
  - { key: password, label: W, type: secret, required: true, validation: { min_length: 4, regex: "^[a-z0-9]+$" } }
  - { key: open, label: O, type: boolean, default: false, reconfigurable: true }
  - { key: note, label: N, type: string, reconfigurable: true, validation: { max_length: 5 } }
`,
  ),
).inputs

const problems = (given: Record<string, unknown>, context = {}): string[] =>
  checkInputs(inputs, given, context).problems.map(({ field, message }) => `${field}: ${message}`)

t.test('defaults are filled in, and secrets stay apart from values', async t => {
  const { values, secrets } = acceptInputs(inputs, { password: 'abcd1' })
  t.same(values, { port: 80, mode: 'plain', open: false })
  t.same(Object.keys(secrets), ['password'])
  t.equal(secrets.password?.reveal(), 'abcd1')
})

t.test('texts of forms are read in the type of their input', async t => {
  t.match(acceptInputs(inputs, { password: 'abcd', port: '8080', open: 'true', note: '' }).values, {
    port: 8080,
    open: true,
    note: '',
  })
  t.match(acceptInputs(inputs, { password: 'abcd', port: '', open: null }).values, { port: 80, open: false })
})

t.test('every value that is not of its kind is told, with its field', async t => {
  t.same(problems({ port: 'x', mode: 'other', password: 'a b c', open: 'yes', note: 'toolong', nope: 1, __proto: 2 }), [
    'inputs.nope: the app has no such input',
    'inputs.__proto: the app has no such input',
    'inputs.port: must be a number',
    'inputs.mode: must be one of the values that are offered',
    'inputs.password: does not fit the pattern of the app',
    'inputs.open: must be true or false',
    'inputs.note: must have at most 5 characters',
  ])
  const bad: readonly (readonly [string, unknown])[] = [
    ['port', 0],
    ['port', 65536],
    ['port', Number.NaN],
    ['port', '1e3'],
    ['port', [80]],
    ['port', true],
    ['password', 'abc'],
    ['password', 12345],
    ['note', 'a\0'],
    ['note', '\ud800'],
    ['note', {}],
    ['mode', {}],
    ['open', 1],
  ]
  for (const [key, value] of bad)
    t.equal(problems({ password: 'abcd', [key]: value }).length, 1, `${key} ${String(value)}`)
})

t.test('what is hidden is not required, and what is shown is', async t => {
  t.same(problems({ password: 'abcd' }), [])
  t.same(problems({ password: 'abcd', mode: 'tls' }), ['inputs.host: is required'])
  t.same(problems({ password: 'abcd', mode: 'tls', host: 'a.example' }), [])
  t.same(problems({ password: 'abcd', host: '1.2.3.4' }), ['inputs.host: must be a host name such as app.example.org'])
  t.same(problems({}), ['inputs.password: is required'])
  t.same(problems({ password: '' }), ['inputs.password: is required'])
})

t.test('an input that depends on a hidden one is hidden', async t => {
  const chain = manifestOf(
    least(
      'app',
      `inputs:
  - { key: a, label: A, type: boolean, default: false }
  - { key: b, label: B, type: select, default: x, validation: { enum: [x] }, show_when: { input: a, values: [true] } }
  - { key: c, label: C, type: string, required: true, show_when: { input: b, values: [x] } }
`,
    ),
  ).inputs
  t.same(checkInputs(chain, {}).problems, [])
  t.match(checkInputs(chain, { a: true }).problems, [{ field: 'inputs.c' }])
})

t.test('after the install only reconfigurable inputs change', async t => {
  const current = acceptInputs(inputs, { password: 'abcd', port: 81, note: 'a' })
  const { values, secrets } = acceptInputs(inputs, { open: true }, { current })
  t.same(values, { port: 81, mode: 'plain', open: true, note: 'a' }, 'what is not given stays')
  t.equal(secrets.password?.reveal(), 'abcd')
  t.same(problems({ mode: 'tls', host: 'a.example', password: 'other' }, { current }), [
    'inputs.mode: cannot be changed after the install',
    'inputs.host: cannot be changed after the install',
    'inputs.password: cannot be changed after the install',
  ])
  t.same(problems({ mode: 'plain', password: 'abcd', port: '82' }, { current }), [], 'the same value is no change')
})

t.test('keys that objects have anyway are no values', async t => {
  const strange = manifestOf(
    least('app', 'inputs:\n  - { key: constructor, label: C, type: string, required: true }\n'),
  ).inputs
  t.match(checkInputs(strange, {}).problems, [{ field: 'inputs.constructor', message: 'is required' }])
  t.match(checkInputs(strange, {}, { current: { values: {}, secrets: {} } }).problems, [{ message: 'is required' }])
  t.equal(acceptInputs(strange, { constructor: 'x' }).values.constructor, 'x')
})

t.test('the error has all problems, and no value', async t => {
  t.throws(() => acceptInputs(inputs, { port: 0, password: 'CANARY!' }, { prefix: 'apps[0].inputs' }), {
    code: 'APPSTORE_INPUT_INVALID',
    field: 'apps[0].inputs.port',
    message: 'apps[0].inputs.port: must be at least 1, and 1 more',
    problems: [{ field: 'apps[0].inputs.port' }, { field: 'apps[0].inputs.password' }],
  })
  await holds(
    t,
    fc.property(
      fc.constantFrom('port', 'mode', 'host', 'password', 'open', 'note'),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (key, noise) => {
        const told = JSON.stringify(checkInputs(inputs, { [key]: `CANARY${noise}` }).problems)
        return !told.includes('CANARY')
      },
    ),
  )
})

t.test('what was accepted is accepted again, and changes nothing', async t => {
  const given = fc.record(
    {
      port: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom('1', '65535')),
      mode: fc.constantFrom('plain', 'tls'),
      host: fc.constantFrom('a', 'b.example'),
      open: fc.constantFrom(true, false, 'true'),
      note: fc.string({ unit: 'grapheme-ascii', maxLength: 5 }),
    },
    { requiredKeys: ['host'] },
  )
  await holds(
    t,
    fc.property(given, values => {
      const first = acceptInputs(inputs, { ...values, password: new Secret('abcd') })
      const second = acceptInputs(inputs, { ...first.values, ...first.secrets }, { current: first })
      return JSON.stringify(first) === JSON.stringify(second) && second.secrets.password?.reveal() === 'abcd'
    }),
  )
})
