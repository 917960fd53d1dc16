import fc from 'fast-check'
import t from 'tap'
import { describe, markerOf, textOf } from '../../src/guests/marker.ts'
import { type InstallId, newId, type StoreId } from '../../src/model/id.ts'

const marker = { install: newId<InstallId>(), store: newId<StoreId>(), role: 'app' } as const

t.test('a description carries its marker whatever people wrote into it', async t => {
  fc.assert(
    fc.property(fc.string(), text => {
      const found = markerOf(describe(text, marker))
      return found?.install === marker.install && found.store === marker.store && found.role === 'app'
    }),
  )
  t.same(markerOf(`${describe('Notes\nof the family', marker)}\n`), marker, 'Proxmox adds a line feed')
  t.equal(textOf(describe('Notes\nof the family', marker)), 'Notes\nof the family')
})

t.test('a marker that is not at the end, not alone, or not whole is none', async t => {
  const line = describe('', marker)
  for (const text of [
    '',
    'text',
    `${line}\nmore`,
    `${line}\n${line}`,
    `${line} x`,
    `x ${line}`,
    line.replace('app', 'root'),
  ]) {
    t.equal(markerOf(text), undefined)
  }
  t.equal(markerOf(undefined), undefined)
})
