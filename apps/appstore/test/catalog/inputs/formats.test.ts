import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { formats } from '../../../src/catalog/inputs/formats.ts'
import type { InputFormat } from '../../../src/catalog/manifest/manifest.ts'

const good: Readonly<Record<InputFormat, readonly string[]>> = {
  ipv4: ['0.0.0.0', '192.0.2.1', '255.255.255.255'],
  cidr: ['192.0.2.0/24', '0.0.0.0/0', '10.64.222.21/32'],
  url: ['https://example.org', 'http://192.0.2.1:8080/a?b=c#d', 'https://example.org/%20x'],
  email: ['a@example.org', "o'hara+tag@mail.example.co"],
  hostname: ['localhost', 'app.example.org', 'a-b.c', 'xn--bcher-kva.example'],
}
const bad: Readonly<Record<InputFormat, readonly string[]>> = {
  ipv4: ['999.999.999.999', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.4/24', ' 1.2.3.4', '1.2.3.4\n', '::1', ''],
  cidr: ['10.0.0.0/99', '10.0.0.0/33', '10.0.0.0', '10.0.0.0/', '10.0.0.0/01', '10.0.0.0/24\n'],
  url: [
    'ftp://x',
    'javascript:alert(1)',
    'https://',
    'https://a b',
    'https://u:p@x',
    'https://x\nHost: y',
    'example.org',
    'https://[x',
  ],
  email: ['a', 'a@b', 'a@@b.c', '.a@b.c', 'a..b@c.d', 'a@b.c\n', 'a b@c.d', '<a@b.c>', 'a@1.2.3.4'],
  hostname: ['-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'a b', '192.0.2.1', '', `${'a'.repeat(64)}.b`, 'a\n', 'é.org', '1'],
}

t.test('each format takes what is of its kind, and nothing else', async t => {
  for (const [format, texts] of Object.entries(good)) {
    for (const text of texts) t.ok(formats[format as InputFormat].fits(text), `${format} ${text}`)
  }
  for (const [format, texts] of Object.entries(bad)) {
    for (const text of texts) t.notOk(formats[format as InputFormat].fits(text), `${format} ${JSON.stringify(text)}`)
  }
})

t.test('every address is one, and every network', async t => {
  await holds(
    t,
    fc.property(
      fc.ipV4(),
      fc.integer({ min: 0, max: 32 }),
      (address, bits) => formats.ipv4.fits(address) && formats.cidr.fits(`${address}/${bits}`),
    ),
  )
  await holds(
    t,
    fc.property(fc.domain(), name => name.length > 253 || formats.hostname.fits(name)),
  )
})

t.test('nothing that fits a format has a line feed, a blank or a control character', async t => {
  const piece = fc.constantFrom(
    '1',
    '.',
    '/',
    'a',
    '-',
    '@',
    ':',
    'https://',
    '\n',
    ' ',
    '\0',
    '\t',
    'example.org',
    '192.0.2.1',
  )
  await holds(
    t,
    fc.property(fc.array(piece, { maxLength: 6 }), pieces => {
      const text = pieces.join('')
      return Object.values(formats).every(({ fits }) => !fits(text) || /^[!-~]+$/.test(text))
    }),
    { numRuns: 2000 },
  )
})
