import t from 'tap'
import { pctExec, pctPush } from '../../src/index.ts'
import { deciderOf } from '../support/decider.ts'
import { oddValues } from '../support/field.ts'
import { shipped } from '../support/policies.ts'

const decide = deciderOf(await shipped('appstore'))
const legal = { vmid: 20_001, command: ['ls'] }
const refusal = (input: unknown, command = pctExec as Parameters<typeof decide>[0]) => {
  const decision = decide(command, input)
  return decision.allowed ? undefined : decision.error
}

t.test('an input is an object with the fields of the command, and with no other', async t => {
  for (const input of [...oddValues, 'text', 3, [legal], [], new Map(Object.entries(legal))]) {
    t.match(refusal(input), { code: 'PRIVEXEC_ARGUMENT_INVALID', message: /vmid/ }, String(typeof input))
  }
  t.match(refusal({ ...legal, extra: 1 }), {
    field: 'extra',
    message: 'There is no field "extra"; the fields are vmid, command',
  })
  t.match(refusal({ ...legal, 'a\u001b\n': 1 }), { message: /There is no field "a\\u\{001b\}\\n"/ })
  t.match(refusal({ command: ['ls'] }), { field: 'vmid', message: /^vmid is missing; allowed is a whole number/ })
})

t.test('a key that means something to JavaScript is a field like any other: unknown', async t => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then']) {
    const input: unknown = JSON.parse(`{ "vmid": 20001, "command": ["ls"], ${JSON.stringify(key)}: { "vmid": 104 } }`)
    t.match(refusal(input), { code: 'PRIVEXEC_ARGUMENT_INVALID', field: key }, key)
  }
})

t.test('a value is read once, so a getter cannot change it after it was checked', async t => {
  let reads = 0
  const input = {
    get vmid() {
      return reads++ === 0 ? 20_001 : 104
    },
    command: Object.defineProperty(['ls', 'x'], 1, { get: () => (reads++ < 9 ? 'x' : '\n'), enumerable: true }),
  }
  const decision = decide(pctExec, input)
  t.match(decision, { allowed: true, values: { vmid: 20_001, command: ['ls', 'x'] } })
  if (!decision.allowed) return
  t.ok(decision.argv.includes('20001') && !decision.argv.includes('104'))
  reads = 99
  t.strictSame(decision.values, { vmid: 20_001, command: ['ls', 'x'] }, 'the values are no longer the caller')
})

t.test('an array that changes after the decision does not change the argv', async t => {
  const command = ['ls', 'a']
  const decision = decide(pctExec, { vmid: 20_001, command })
  command.push('--evil')
  command[0] = 'sh'
  t.match(decision, { allowed: true, values: { command: ['ls', 'a'] } })
})

t.test('an input that throws or changes while it is read is refused, not passed on', async t => {
  const boom = () => {
    throw new Error('boom')
  }
  const throwing = Object.defineProperty({ command: ['ls'] }, 'vmid', { get: boom, enumerable: true })
  for (const input of [throwing, new Proxy(legal, { get: boom }), new Proxy(legal, { ownKeys: boom })]) {
    t.match(refusal(input), { code: 'PRIVEXEC_ARGUMENT_INVALID', message: 'The input cannot be read' })
  }
  let reads = 0
  const changing = {
    get vmid() {
      return reads++ === 0 ? 104 : 20_001
    },
    command: ['ls'],
  }
  t.match(refusal(changing), { message: 'The input changes while it is read' })
  const { proxy, revoke } = Proxy.revocable(legal, {})
  revoke()
  t.match(refusal(proxy), { code: 'PRIVEXEC_ARGUMENT_INVALID' })
})

t.test('nothing is coerced', async t => {
  for (const vmid of ['20001', [20_001], Object(20_001), 20_001n, { valueOf: () => 20_001 }, true, new Date(20_001)]) {
    t.match(refusal({ ...legal, vmid }), { field: 'vmid', message: /allowed is a whole number from 20000 to 20999$/ })
  }
  for (const command of ['ls', { 0: 'ls', length: 1 }, [Object('ls')], [['ls']], ['ls', 1], new Set(['ls'])]) {
    t.match(refusal({ ...legal, command }), { field: /^command/ })
  }
})

t.test('an optional field may be undefined and nothing else that is empty', async t => {
  const push = { vmid: 20_001, content: new Uint8Array(), destination: '/a' }
  t.equal(refusal({ ...push, user: undefined }, pctPush), undefined)
  for (const user of [null, '', false, 0]) t.match(refusal({ ...push, user }, pctPush), { field: 'user' })
})

t.test('a text in the place of content is not shown: it may be a secret', async t => {
  const error = refusal({ vmid: 20_001, content: 'hunter2', destination: '/a' }, pctPush)
  t.match(error, { field: 'content', message: /^content: a text of 7 characters is not allowed here/ })
  t.notMatch(JSON.stringify(error), /hunter2/)
})
