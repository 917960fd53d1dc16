import { Readable } from 'node:stream'
import t from 'tap'
import { stagedContent } from '../../src/argument/staged-content.ts'
import { matches, oddTexts, problemWith } from '../support/field.ts'
import { checkRefusal } from '../support/words.ts'

const drop = '/var/lib/privexec/staging/appstore/drop'
const name = '0123456789abcdef0123456789abcdef'
const type = stagedContent('appstore')

t.test('content is bytes or a stream of bytes', async t => {
  const iterable = { async *[Symbol.asyncIterator]() {} }
  for (const value of [new Uint8Array(), Buffer.from('a'), Readable.from(['a']), iterable]) {
    t.equal(problemWith(type, value), undefined)
  }
})

t.test('content is never a path or any other text', async t => {
  for (const value of [
    '/etc/shadow',
    ...oddTexts,
    3,
    null,
    undefined,
    {},
    [1, 2],
    new ArrayBuffer(1),
    new Uint16Array(1),
    new URL('file:///etc/shadow'),
  ]) {
    checkRefusal(t, type, value)
  }
})

t.test('the argv holds a flat random name in the directory of the policy', async t => {
  t.ok(matches(type, `${drop}/${name}`))
  for (const path of [
    ...[
      `${drop}/${name}0`,
      `${drop}/${name.slice(1)}`,
      `${drop}/${name.toUpperCase()}`,
      `${drop}/${name}/a`,
      `${drop}//${name}`,
    ],
    ...[
      `${drop}/../${name}`,
      `/var/lib/privexec/staging/pgd/drop/${name}`,
      `${drop}/${name}\n`,
      `${drop}/`,
      '/etc/shadow',
      '/dev/stdin',
    ],
  ]) {
    t.notOk(matches(type, path), path)
  }
  t.ok(
    matches(type.forPolicy?.('pgd') as never, `/var/lib/privexec/staging/pgd/drop/${name}`),
    'another policy has another',
  )
})
