import t from 'tap'
import { renderFacts } from '../../src/facts/codec.ts'
import { parseImage } from '../../src/names/image.ts'
import { refusesAll, refusesOrReads } from './support.ts'

const digest = `sha256:${'0f'.repeat(32)}`

t.test('an image is named as engines name it', async t => {
  const good = [
    'postgres',
    'postgres:17',
    'postgres:17-alpine',
    'library/postgres:17',
    'localhost/pg',
    'localhost:5000/pg:latest',
    `registry.example:5000/team/sub/postgres_x--y.z:17.2@${digest}`,
    `postgres@${digest}`,
    `postgres@sha512:${'ab'.repeat(64)}`,
    'Registry.Example/pg',
    '127.0.0.1:5000/pg',
  ]
  for (const image of good) t.equal(parseImage(image), image)
})

t.test('what an engine would refuse, or take for something else, is refused', async t => {
  const bad = [
    '',
    ':17',
    'postgres:',
    'postgres@',
    'Postgres',
    'postgres:17:18',
    'postgres@sha256:00',
    `postgres@md5:${'0'.repeat(32)}`,
    'postgres//x',
    '/postgres',
    'postgres/',
    '-postgres',
    '--privileged',
    'pg..x',
    'pg___x',
    '../x',
    'a b',
    'a,b',
    'pg\n',
    'pg:17\n',
    'http://pg',
    'pg:-1',
    '0f'.repeat(32),
    `pg:${'x'.repeat(129)}`,
    'x'.repeat(256),
  ]
  refusesAll(t, bad, parseImage)
})

t.test('any text is an image that facts keep, or is refused with its field', async t => {
  await refusesOrReads(t, 'ab1./:@_-A', parseImage, (image, text) => {
    renderFacts({ image })
    return image === text && !text.startsWith('-')
  })
})

t.test('the longest image fits the facts', async t => {
  const image = `${'x'.repeat(255)}:${'y'.repeat(128)}@sha512:${'0'.repeat(128)}`
  t.equal(parseImage(image), image)
  t.doesNotThrow(() => renderFacts({ image }))
  refusesAll(t, [`x${image}`], parseImage)
})
