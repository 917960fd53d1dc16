import fc from 'fast-check'
import t from 'tap'
import { account } from '../../src/argument/account.ts'
import { containerId } from '../../src/argument/container-id.ts'
import { fileMode } from '../../src/argument/file-mode.ts'
import { programAndArguments } from '../../src/argument/program.ts'
import { readArgv, spellArgv } from '../../src/command/argv.ts'
import { patternOf } from '../../src/command/slots.ts'
import { argument, marker, option } from '../../src/command/template.ts'
import { oneOf, repeat, toRegExp } from '../../src/pattern/dialect.ts'
import { slotsFor, word } from '../support/definition.ts'
import { holds } from '../support/property.ts'

const id = '0123456789abcdef0123456789abcdef'
const context = { marker: `name-${id}`, stagedFile: `/var/lib/privexec/staging/name/drop/${id}` }

const [mode, user] = [option('--mode', 'mode', fileMode()), option('--user', 'user', account())]
const templates = {
  'an option in the middle': ['do', mode, 'it', argument('vmid', containerId())],
  'options first': [mode, user, 'it'],
  'options last': ['do', mode, user],
  'options alone': [mode, user],
  'a tail': [argument('vmid', containerId()), '--', marker(), argument('command', programAndArguments())],
  nothing: [],
} as const

const printable = fc.string({ unit: fc.constantFrom(...' -~az/=.'.split('')), maxLength: 5 })
const values = fc.record(
  {
    vmid: fc.integer({ min: 100, max: 999_999_999 }),
    mode: fc.constantFrom('0644', '0755'),
    user: fc.constantFrom('root', '0', '33'),
    command: fc.array(printable, { maxLength: 4 }).map(args => ['sh', ...args]),
  },
  { requiredKeys: ['vmid', 'command'] },
)

for (const [name, template] of Object.entries(templates)) {
  const slots = slotsFor(template)
  const fields = new Set(slots.flatMap(slot => ('field' in slot ? [slot.field] : [])))
  const expression = toRegExp(patternOf(slots))

  t.test(`${name}: what is spelled is what sudo matches, and reads as the same values`, async t => {
    const property = fc.property(values, all => {
      const input = Object.fromEntries(Object.entries(all).filter(([field]) => fields.has(field)))
      const argv = spellArgv(slots, input, context)
      t.strictSame(readArgv(slots, argv), input)
      return expression.test(argv.join(' '))
    })
    await holds(t, property)
  })

  t.test(`${name}: of any elements, what is read is spelled the same, and the rest is refused by sudo too`, async t => {
    const elements = fc.constantFrom(
      'do',
      'it',
      '--mode',
      '0644',
      '--user',
      'root',
      '--',
      '104',
      '',
      ' ',
      `PRIVEXEC_OPERATION=name-${id}`,
      'sh',
      'a b',
    )
    const property = fc.property(fc.array(elements, { maxLength: 7 }), argv => {
      const read = readArgv(slots, argv)
      if (read) t.strictSame(spellArgv(slots, read, context), argv)
      // sudo sees the joined text alone, for which the argv with a boundary at each blank stands.
      const split = argv.length === 0 ? [] : argv.join(' ').split(' ')
      const empty = argv.join(' ') === '' && readArgv(slots, []) !== undefined
      return expression.test(argv.join(' ')) === (readArgv(slots, split) !== undefined || empty)
    })
    await holds(t, property, { numRuns: 2_000 })
  })
}

t.test('an argv is read element by element: no boundary moves, nothing is left over', async t => {
  const slots = slotsFor(templates['a tail'])
  const argv = ['104', '--', `PRIVEXEC_OPERATION=name-${id}`, 'sh', '-c', 'a b']
  t.strictSame(readArgv(slots, argv), { vmid: 104, command: ['sh', '-c', 'a b'] })
  for (const other of [
    ...[
      argv.slice(0, 3),
      argv.slice(1),
      [argv.join(' ')],
      ['104 --', ...argv.slice(2)],
      [...argv.slice(0, 3), 'sh -c'],
    ],
    ...[
      ['104\n', ...argv.slice(1)],
      ['0104', ...argv.slice(1)],
      ['104', '', ...argv.slice(1)],
      [...argv.slice(0, 2), 'A=b', 'sh'],
    ],
  ]) {
    t.equal(readArgv(slots, other), undefined, JSON.stringify(other))
  }
  t.equal(readArgv(slotsFor(templates['options last']), ['do', '--mode']), undefined, 'a flag without its value')
  t.equal(
    readArgv(slotsFor(templates['options last']), ['do', '--user', '0', '--mode', '0644']),
    undefined,
    'another order',
  )
  t.equal(readArgv(slotsFor(templates['options last']), ['do', '--mode', '0644', '--mode', '0644']), undefined, 'twice')
})

t.test('an element that may be empty may not be missing', async t => {
  const slots = slotsFor(['do', argument('text', word(repeat(oneOf('a'), 0, 3)))])
  t.strictSame(readArgv(slots, ['do', '']), { text: '' })
  t.equal(readArgv(slots, ['do']), undefined)
})
