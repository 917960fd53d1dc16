import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { formatUpid, parseUpid } from '../../src/tasks/upid.ts'

const word = fc.string({ unit: fc.constantFrom(...'abcxyz019'), minLength: 1, maxLength: 8 })
const number = fc.integer({ min: 0, max: 0xffff_ffff })

t.test('what is written is read again', async t => {
  const parts = fc.record({
    node: word,
    pid: number,
    pstart: number,
    starttime: number,
    type: word,
    id: word,
    user: word.map(name => `${name}@pve!store`),
  })
  await holds(
    t,
    fc.property(parts, given => {
      const text = formatUpid(given)
      return JSON.stringify(parseUpid(text)) === JSON.stringify(given) && /^UPID:\w+:(?:[0-9A-F]{8}:){3}/.test(text)
    }),
  )
})

t.test('what is no UPID is not read as one', async t => {
  for (const text of [
    '',
    'UPID:bad',
    'UPID:n:1:2:3:t:i:u:',
    'UPID:n:00000001:00000001:00000001:t:i:u',
    'x\nUPID:n:00000001:00000001:00000001:t:i:u:',
  ])
    t.equal(parseUpid(text), undefined)
})
