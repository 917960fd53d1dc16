import t from 'tap'
import { z } from 'zod'
import { errorRegistry } from '../../src/errors/registry.ts'
import { messageSchemas } from '../../src/wire/message.ts'

const { request, resize, outcome, refused, accepted } = messageSchemas(z)

const asked = { protocol: 1, command: 'pct.exec', input: { vmid: 20_001, command: ['true'] } }
const size = { columns: 80, rows: 24 }

t.test('a request needs the version, a command and an input, and may have more', async s => {
  s.ok(request.safeParse(asked).success)
  const caller = { id: '7', name: 'Ada' }
  s.ok(request.safeParse({ ...asked, stdin: true, timeout: 0.5, terminal: size, caller }).success)
  for (const key of Object.keys(asked)) {
    s.notOk(request.safeParse({ ...asked, [key]: undefined }).success, `without ${key}`)
  }
})

t.test('keys that the protocol does not have are refused at every level', async s => {
  s.notOk(request.safeParse({ ...asked, argv: ['id'] }).success)
  s.notOk(request.safeParse({ ...asked, constructor: 1 }).success)
  s.notOk(request.safeParse({ ...asked, terminal: { ...size, x: 1 } }).success)
  s.notOk(request.safeParse({ ...asked, caller: { mail: 'a' } }).success)
  s.notOk(resize.safeParse({ ...size, x: 1 }).success)
})

t.test('values of other types and beyond the limits are refused, and none is made to fit', async s => {
  const wrong = {
    protocol: [0, 2, '1', true, null],
    command: ['', 'pct', 'pct.exec ', 'pct.exec\n', 'Pct.exec', 'pct.exec.x', 'pct..exec', ['pct.exec'], {}],
    input: [null, [], 'vmid', 1],
    stdin: [1, 'true', null],
    timeout: [0, -0, -1, '5', Number.NaN, Number.POSITIVE_INFINITY, 24 * 3600 * 1000 + 1, null],
    terminal: [true, null, {}, { columns: 80 }],
    caller: ['Ada', { id: 7 }, { name: 'x'.repeat(4097) }],
  }
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of values) {
      s.notOk(request.safeParse({ ...asked, [key]: value }).success, `${key}: ${String(value).slice(0, 20)}`)
    }
  }
})

t.test('a terminal has whole columns and rows, 1 to 1,000', async s => {
  for (const columns of [0, -0, -1, 1001, 80.5, Number.POSITIVE_INFINITY, 2 ** 53 + 2, '80', null]) {
    s.notOk(resize.safeParse({ columns, rows: 24 }).success, String(columns))
    s.notOk(request.safeParse({ ...asked, terminal: { columns: 80, rows: columns } }).success)
  }
  s.ok(resize.safeParse({ columns: 1, rows: 1000 }).success)
})

t.test('a refusal has a code of the registry, an outcome says whether something is left', async s => {
  for (const code of Object.keys(errorRegistry)) s.ok(refused.safeParse({ code, message: 'no' }).success, code)
  s.notOk(refused.safeParse({ code: 'PRIVEXEC_OTHER', message: 'no' }).success)
  s.ok(outcome.safeParse({ exitCode: 0, ended: true, recorded: true }).success)
  s.notOk(outcome.safeParse({ exitCode: 0 }).success)
  s.notOk(outcome.safeParse({ interruption: 'bored', ended: true, recorded: true }).success)
  s.ok(accepted.safeParse({ operation: '0'.repeat(32) }).success)
  s.notOk(accepted.safeParse({ operation: '0'.repeat(31) }).success)
})
