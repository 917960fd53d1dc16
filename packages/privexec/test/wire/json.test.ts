import fc from 'fast-check'
import t from 'tap'
import { deepest, JsonError, readJson } from '../../src/wire/json.ts'
import { holds } from '../support/property.ts'

const read = (text: string): unknown => readJson(Buffer.from(text))

/** The message of the refusal, or undefined when it was read. */
function refusal(text: string | Uint8Array): string | undefined {
  try {
    readJson(typeof text === 'string' ? Buffer.from(text) : text)
    return undefined
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return error.message
  }
}

const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/)
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map(text => text.toWellFormed()),
  fc.constantFrom('"', '\\', '\\"', '\\u0041', '{"a":1}', '__proto__', '\u2028', '\u{1f600}', '\0'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0),
  fc.boolean(),
  fc.constant(null),
)
const { value: plainData } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: deepest, depthIdentifier: 'level' },
    leaf,
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'level' }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true, depthIdentifier: 'level' }),
  ),
}))

t.test('plain data with plain keys reads back equal', s =>
  holds(
    s,
    fc.property(plainData, data => {
      const text = JSON.stringify(data)
      return JSON.stringify(read(text)) === text
    }),
    { numRuns: 1000 },
  ),
)

t.test('spaces between the tokens, and texts that look like structure, change nothing', async s => {
  const data = { a: ['{"b":1,"b":2}', ':', '"', '\\', '\\\\"'], b: { a: 1 }, constructor: '[[[[[[[[[[' }
  s.strictSame(read(JSON.stringify(data, null, '\t \n')), data)
})

t.test('a key that stands twice in one object is refused, at every level and however the objects lie', s =>
  holds(
    s,
    fc.property(key, plainData, fc.nat({ max: deepest - 1 }), (name, data, depth) => {
      const value = JSON.stringify(typeof data === 'object' ? null : data)
      const twice = `{"${name}":${value},"other1":[{"${name}":1}],"${name}" : ${value}}`
      const text = depth < 6 ? '['.repeat(depth) + twice + ']'.repeat(depth) : twice
      return refusal(text) === 'a key twice in one object'
    }),
  ),
)

t.test('the same key in two objects is no key twice', async s => {
  s.strictSame(read('{"a":{"a":[{"a":1},{"a":2}]}}'), { a: { a: [{ a: 1 }, { a: 2 }] } })
})

t.test('keys that are no plain names are refused, escaped ones too', async s => {
  const keys = [
    '__proto__',
    '_a',
    '',
    ' a',
    '1',
    'a-b',
    'a.b',
    'é',
    '$schema',
    'a\\u0062',
    '\\u0061',
    '\\u005f_proto__',
  ]
  for (const name of keys) s.equal(refusal(`{"a":[{"${name}":1}]}`), 'a key that is no plain name', name)
  s.equal(refusal('{"a":1,"\\u0061":2}'), 'a key that is no plain name')
})

t.test('constructor and toString are plain names, and no prototype is touched', async s => {
  const value = read('{"constructor":{"prototype":{"polluted":1}},"toString":1}')
  s.strictSame(Object.keys(value as object), ['constructor', 'toString'])
  s.equal(({} as { polluted?: number }).polluted, undefined)
})

t.test('eight levels are read and nine are not, also those that close again', async s => {
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const objects = (depth: number) => '{"a":'.repeat(depth) + 1 + '}'.repeat(depth)
  s.equal(refusal(arrays(deepest)), undefined)
  s.equal(refusal(objects(deepest)), undefined)
  s.equal(refusal(`[${arrays(7)},${arrays(7)}]`), undefined)
  for (const text of [arrays(9), objects(9), `[${arrays(1)},${arrays(8)}]`, arrays(30_000)]) {
    s.equal(refusal(text), 'more than 8 levels')
  }
})

t.test('bytes that are not UTF-8, and a byte order mark, are refused', async s => {
  const quoted = (...bytes: number[]) => Buffer.of(0x22, ...bytes, 0x22)
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
    s.equal(refusal(quoted(...bytes)), 'not UTF-8', bytes.join(' '))
  }
  s.equal(refusal(Buffer.of(0xef, 0xbb, 0xbf, 0x31)), 'not JSON')
  s.equal(refusal(Buffer.from('{}', 'utf16le')), 'not JSON')
})

t.test('half a surrogate pair is refused wherever it stands, a whole pair is not', async s => {
  const halves = ['\\ud800', '\\uDFFF', 'a\\ud83d', '\\ude00\\ud83d', '\\ud83d\\ud83d\\ude00', '\\ud83dx\\ude00']
  for (const half of halves) s.equal(refusal(`{"a":["${half}"]}`), 'half a character', half)
  s.equal(read('"\\ud83d\\ude00"'), '\u{1f600}')
  s.equal(read('"\\\\ud800"'), '\\ud800', 'nor is one that a backslash spells')
})

t.test('numbers too large for a number are refused, and none becomes another kind of value', async s => {
  for (const text of ['1e999', '-1e999', '[1e400]', `{"a":${'9'.repeat(400)}}`]) {
    s.equal(refusal(text), 'a number that is too large', text.slice(0, 20))
  }
  s.strictSame(read('[1e308,0,-1.5E-7,9007199254740993]'), [1e308, 0, -1.5e-7, 9007199254740992])
})

t.test('what only some readers take for JSON is refused', async s => {
  const texts = [
    ...['', ' ', 'NaN', '[NaN]', 'Infinity', '-Infinity', 'undefined', '[1,]', '{"a":1,}', '[,1]', '{"a"}', '{a:1}'],
    ...["{'a':1}", '01', '+1', '.5', '1.', '0x10', '1n', '1_000', '"a', '"\n"', '"\t"', '"\\x41"', '"\\u00g0"'],
    ...['/* */1', '1//', '{} {}', '[1][2]', '\u00a01', '\ufeff1', 'true false', '"a" "b"', '{"a":1', '[1', 'nul'],
  ]
  for (const text of texts) s.equal(refusal(text), 'not JSON', JSON.stringify(text))
})

t.test('whatever is refused is not JSON or breaks a rule; nothing else is thrown, and no value is quoted', s =>
  holds(
    s,
    fc.property(fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' })), text => {
      const why = refusal(text)
      return why === undefined ? JSON.stringify(read(text)) === JSON.stringify(JSON.parse(text)) : why.length < 40
    }),
    { numRuns: 1000 },
  ),
)

t.test('the longest texts are read in time that grows with their length alone', async s => {
  const longest = 1_048_576
  const texts = {
    quotes: `"${'\\"'.repeat(longest / 2 - 1)}"`,
    backslashes: `"${'\\\\'.repeat(longest / 2 - 1)}"`,
    'no end': `"${'\\"'.repeat(longest / 2 - 1)}`,
    text: `"${'x'.repeat(longest - 2)}"`,
    escapes: `"${'\\u0041'.repeat(longest / 6 - 1)}"`,
    'one digit after another': '1'.repeat(longest),
    zeros: `[${'0,'.repeat(longest / 2 - 2)}0]`,
    keys: `{${Array.from({ length: 65_536 }, (_, at) => `"k${at}":0`).join(',')}}`,
  }
  for (const [name, text] of Object.entries(texts)) {
    // What takes the square of the length would take hours: the runner ends the test.
    const why = refusal(text)
    s.ok([undefined, 'not JSON', 'a number that is too large'].includes(why), `${name}: ${why}`)
  }
})
