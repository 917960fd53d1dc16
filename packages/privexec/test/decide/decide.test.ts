import t from 'tap'
import { pctExec, pctPush, zfsMount, zfsUnmount } from '../../src/index.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { deciderOf } from '../support/decider.ts'
import { grantText, policyText, shipped } from '../support/policies.ts'

const appstore = deciderOf(await shipped('appstore'))
const pgd = deciderOf(await shipped('pgd'))
const legal = { vmid: 20_001, command: ['ls', '-l'] }

t.test('an input within the bounds is allowed, with the argv that sudo will see', async t => {
  const decision = appstore(pctExec, legal)
  t.match(decision, { allowed: true, operation: /^[0-9a-f]{32}$/, labels: { vmid: 20_001 }, values: legal })
  if (!decision.allowed) return
  t.equal(decision.marker, `appstore-${decision.operation}`)
  t.strictSame(decision.argv.slice(-2), ['ls', '-l'])
  t.ok(decision.argv.includes(`PRIVEXEC_OPERATION=${decision.marker}`))
  t.not(appstore(pctExec, legal).operation, decision.operation, 'each decision has an id of its own')
})

t.test('content goes to a file of the operation, and its path into the argv', async t => {
  const content = new Uint8Array([1])
  const decision = appstore(pctPush, { vmid: 20_001, content, destination: '/etc/a', user: 'root' })
  if (!decision.allowed) return t.fail('refused')
  const file = `/var/lib/privexec/staging/appstore/drop/${decision.operation}`
  t.strictSame(decision.staged, { file, content })
  t.strictSame(decision.argv.slice(-4), [file, '/etc/a', '--user', 'root'])
})

t.test('a refusal tells a wrong value from one that only this policy does not allow', async t => {
  const code = (decide: typeof pgd, command: Parameters<typeof pgd>[0], input: unknown) => {
    const decision = decide(command, input)
    return decision.allowed ? 'allowed' : [decision.error.code, decision.error.field]
  }
  const [invalid, outside] = ['PRIVEXEC_ARGUMENT_INVALID', 'PRIVEXEC_OUT_OF_BOUNDS']
  t.strictSame(code(appstore, pctExec, { ...legal, vmid: 104 }), [outside, 'vmid'])
  t.strictSame(code(appstore, pctExec, { ...legal, vmid: 99 }), [invalid, 'vmid'])
  t.strictSame(code(appstore, pctExec, { ...legal, vmid: 104, command: ['-x'] }), [invalid, 'vmid'])
  t.strictSame(code(appstore, pctExec, { ...legal, command: ['ls', 'a\n'] }), [invalid, 'command[1]'])
  t.strictSame(code(pgd, zfsMount, { dataset: 'tank/other' }), [outside, 'dataset'])
  t.strictSame(code(pgd, zfsUnmount, { dataset: 'tank/pgd/databases' }), [outside, 'dataset'], 'the base itself')
  t.strictSame(code(pgd, zfsMount, { dataset: '/etc' }), [invalid, 'dataset'])
  t.strictSame(code(pgd, pctExec, legal), ['PRIVEXEC_NOT_GRANTED', undefined])
  t.strictSame(
    code(appstore, zfsMount, { dataset: '/etc' }),
    ['PRIVEXEC_NOT_GRANTED', undefined],
    'whatever the input is',
  )
})

t.test('each grant of a command counts', async t => {
  const grants = [
    grantText('pct.push', '{ vmid: 200-300, below: [/opt] }'),
    grantText('pct.push', '{ vmid: 400-500 }'),
  ].join('\n')
  const decide = deciderOf(await parsePolicy(policyText({ grants })))
  const push = (vmid: number, destination: string) => decide(pctPush, { vmid, content: new Uint8Array(), destination })
  t.match(push(200, '/opt/a'), { allowed: true, grant: { id: 'sample/pct.push' } })
  t.match(push(400, '/etc/a'), { allowed: true, grant: { id: 'sample/pct.push/2' } })
  t.match(push(200, '/etc/a'), { allowed: false }, 'bounds of two grants do not mix')
})

t.test('a command object that only has the id of a granted one gets the argv of the grant', async t => {
  const own = {
    ...pctExec,
    program: { ...pctExec.program, executable: '/bin/sh', prefix: [] },
    argv: ['-c', 'id'],
    failures: {},
  }
  const decision = appstore(own, legal)
  t.match(decision, { allowed: true, argv: ['/usr/bin/nsenter'], command: { failures: pctExec.failures } })
  t.match(appstore(own, { ...legal, vmid: 104 }), { allowed: false, error: { code: 'PRIVEXEC_OUT_OF_BOUNDS' } })
})

t.test('a refused input does not show in the decision of the next', async t => {
  appstore(pctExec, { ...legal, vmid: 104 })
  t.match(appstore(pctExec, legal), { allowed: true, values: legal })
})

t.test('a refusal names the command and the operation, under which it is recorded', async t => {
  for (const input of [{ ...legal, vmid: 104 }, {}]) {
    const decision = appstore(pctExec, input)
    t.match(decision, { allowed: false, error: { command: 'pct.exec', operation: decision.operation } })
  }
})
