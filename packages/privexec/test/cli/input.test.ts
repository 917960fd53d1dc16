import t from 'tap'
import { bytesOf, findCommand, parseInput } from '../../src/cli/input.ts'

t.test('an input is a JSON object, and a key stands once', async t => {
  t.same(await parseInput('{"vmid":20001,"command":["a b",""]}'), { vmid: 20001, command: ['a b', ''] })
  for (const text of ['', '{', 'null', '[1]', '"x"', '1', '{"a":1,}', "{'a':1}"]) {
    await t.rejects(parseInput(text), { code: 'PRIVEXEC_ARGUMENT_INVALID', field: 'input' }, text)
  }
  for (const text of ['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":1,"\\u0061":2}']) {
    await t.rejects(parseInput(text), { message: /same key twice/ }, text)
  }
})

t.test('content in JSON is base64, canonically', async t => {
  t.same(bytesOf('content', 'aGk='), Buffer.from('hi'))
  for (const value of ['aGk', 'aGl=', 'a b', 5, null, ['aGk=']]) {
    t.throws(() => bytesOf('content', value), { code: 'PRIVEXEC_ARGUMENT_INVALID', field: 'content' })
  }
})

t.test('commands are found by id', async t => {
  for (const id of ['pct.push', 'zfs.mount']) t.equal(findCommand(id).id, id)
  t.throws(() => findCommand('toString'), { code: 'PRIVEXEC_USAGE', message: /there are pct\.exec/ })
})
