import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { isIdPrefix, newId, readId } from '../../src/names/id.ts'
import { readName } from '../../src/names/name.ts'
import { anyText } from './support.ts'

t.test('a new id is an id, a name, and another one each time', async t => {
  const ids = Array.from({ length: 2000 }, newId)
  t.equal(new Set(ids).size, ids.length)
  t.ok(ids.every(id => readId(id) === id && readName(id) !== undefined && Number.isNaN(Number(id))))
})

t.test('the beginning of an id is one from four characters on', async t => {
  await holds(
    t,
    fc.property(fc.integer({ min: 0, max: 10 }), length => isIdPrefix(newId().slice(0, length)) === length >= 4),
  )
})

t.test('other texts are no ids', async t => {
  const isId = /^[abcdefghjkmnpqrstvwxyz][abcdefghjkmnpqrstvwxyz2-9]{9}$/
  await holds(
    t,
    fc.property(anyText('abil01z9'), text => (readId(text) !== undefined) === isId.test(text)),
  )
  t.same(['ABCDEFGHJK', `${newId()}a`, `${newId()}\n`].map(readId), [undefined, undefined, undefined])
})
