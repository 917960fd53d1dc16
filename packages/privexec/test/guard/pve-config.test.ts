import fc from 'fast-check'
import t from 'tap'
import { escapeValue } from '../../src/errors/escape.ts'
import { parseContainerConfig } from '../../src/guard/pve-config.ts'
import { holds } from '../support/property.ts'

const ours = { tags: ['appstore', 'managed'], privileged: false }

/** Texts and what Proxmox VE makes of them. */
const texts: readonly [what: string, text: string, tags: readonly string[], privileged: boolean][] = [
  ['nothing', '', [], true],
  ['a container of ours', 'arch: amd64\ntags: appstore;managed\nunprivileged: 1\n', ours.tags, false],
  ['no line feed at the end', 'unprivileged: 1\ntags: a', ['a'], false],
  ['commas and blanks', 'tags:  a,b ;; c\td\ve ', ['a', 'b', 'c', 'd', 'e'], true],
  ['line ends of Windows', 'tags: a;b\r\nunprivileged: 1\r\n', ['a', 'b'], false],
  ['a description', '#tags: a\n#unprivileged: 1\n', [], true],
  ['two lines for one key', 'tags: a\nunprivileged: 1\ntags: b\nunprivileged: 0\n', ['b'], true],
  ['a key without a value, which is no setting', 'tags: a\ntags:\n', ['a'], true],
  ['a value of blanks, which is one', 'tags: a\ntags:  \n', [], true],
  ['a key further in', ' tags: a\nxtags: b\nlxc.tags: c\nTags: d\n', [], true],
  ['a snapshot', 'tags: a\n\n[before]\ntags: b\nunprivileged: 1\n', ['a'], true],
  ['a change that is pending', 'unprivileged: 0\n[pve:pending]\nunprivileged: 1\ntags: a\n', [], true],
  ['a section in capitals', 'tags: a\n[PVE:Pending]  \ntags: b\n', ['a'], true],
  ['a state of a snapshot, which hides the line', 'tags: a\ntags: b snapstate: delete\n', ['a'], true],
  ['a value with a colon', 'tags: a:b\n', ['a:b'], true],
  ['tags of other letters', 'tags: é;A\n', ['é', 'A'], true],
]

t.test('the settings in force are those before the first section, the last of each key', async t => {
  for (const [what, text, tags, privileged] of texts)
    t.strictSame(parseContainerConfig(text), { tags, privileged }, what)
})

t.test('a container is unprivileged for the four spellings of true only', async t => {
  const privileged = (value: string) => parseContainerConfig(`unprivileged: ${value}\n`)?.privileged
  for (const value of ['1', 'on', 'yes', 'true', 'Yes', 'TRUE']) t.equal(privileged(value), false, value)
  for (const value of ['0', 'off', 'no', 'false', '2', '01', '1.0', '1 1', 'y', 'maybe', '"1"', '-1']) {
    t.equal(privileged(value), true, value)
  }
})

t.test('what another reader may read otherwise is not read', async t => {
  for (const odd of ['[', '[x', ' [x]', '[x] y', '[]', '[1x]', '\t[x', 'a\0b', 'a\rtags: b', 'a\u2028b', 'a\u0085']) {
    t.equal(parseContainerConfig(`tags: a\n${odd}\nunprivileged: 1\n`), undefined, escapeValue(odd))
  }
  t.strictSame(
    parseContainerConfig('unprivileged: 1\n[x]\n[y\n'),
    { tags: [], privileged: false },
    'in a snapshot it is',
  )
})

t.test('neither other lines nor snapshots change what a container is', async t => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/)
  const noise = fc.oneof(
    fc.string().map(text => `#${text.replace(/[\r\n\0\u0085\u2028\u2029]/g, '')}`),
    fc
      .tuple(fc.constantFrom('arch', 'net0', 'mp1', 'lxc.idmap', 'lock'), word)
      .map(([key, value]) => `${key}: ${value}`),
    fc.constant(''),
  )
  const settings = fc.record({ tags: fc.uniqueArray(word, { maxLength: 5 }), privileged: fc.boolean() })
  const linesOf = ({ tags, privileged }: { tags: readonly string[]; privileged: boolean }, separator: string) => [
    ...(tags.length > 0 ? [`tags: ${tags.join(separator)}`] : []),
    `unprivileged: ${privileged ? 0 : 1}`,
  ]
  const text = fc
    .record({
      real: settings,
      others: fc.array(fc.tuple(word, settings), { maxLength: 3 }),
      separator: fc.constantFrom(';', ',', ' ', '; '),
      noise: fc.array(noise, { maxLength: 6 }),
      at: fc.nat(6),
    })
    .map(({ real, others, separator, noise, at }) => {
      const snapshots = others.flatMap(([name, other]) => ['', `[${name.replaceAll('.', '')}]`, ...linesOf(other, ';')])
      const main = linesOf(real, separator)
      return { real, text: [...noise.slice(0, at), ...main, ...noise.slice(at), ...snapshots].join('\n') }
    })
  await holds(
    t,
    fc.property(text, ({ real, text }) => {
      const found = parseContainerConfig(text)
      return found?.privileged === real.privileged && found.tags.join() === real.tags.join()
    }),
  )
})

t.test('no text makes it fail, and no container is taken for unprivileged without a line that says so', async t => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('\n', '[', ']', 'tags:', 'unprivileged:', ' ', '1', 'yes', '#', 'x'),
  )
  await holds(
    t,
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const text = pieces.join('')
      return parseContainerConfig(text)?.privileged !== false || /^unprivileged:\s*(1|on|yes|true)\s*$/im.test(text)
    }),
    { numRuns: 500 },
  )
})
