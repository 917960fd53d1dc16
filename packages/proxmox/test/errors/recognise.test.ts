import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { errorFromAnswer } from '../../src/errors/from-answer.ts'
import { isRootOnly, missingPermission, recognise } from '../../src/errors/recognise.ts'
import { type ErrorCode, errorRegistry, isProxmoxError, ProxmoxError } from '../../src/index.ts'

const refusal = (answer: string, status = 500) =>
  errorFromAnswer({
    method: 'GET',
    path: '/x',
    status,
    statusText: answer,
    body: JSON.stringify({ data: null, message: `${answer}\n` }),
  })

t.test('what there is none of is told by kind, and only when the whole text says so', async t => {
  for (const [text, subject] of [
    ["Configuration file 'nodes/pve/lxc/105.conf' does not exist", 'guest'],
    ["storage 'tank' does not exist", 'storage'],
    ["volume 'local:104/vm-104-disk-0.raw' does not exist", 'volume'],
    ["snapshot 'before' does not exist", 'snapshot'],
    ["no such user ('x@pve')", 'user'],
    ["delete user failed: no such user ('x@pve')", 'user'],
    ["role 'AppStore' does not exist", 'role'],
    ["pool 'other' does not exist", 'pool'],
    ['no such task', 'task'],
  ] as const) {
    t.match(refusal(text), { code: 'PROXMOX_NOT_FOUND', subject, isNotFound: true }, text)
  }
  for (const text of [
    "unable to create CT 105 - storage 'tank' does not exist, CT 105 does not exist either",
    'command not found',
    "mount point '/x' not found",
    "can't activate storage 'x': does not exist",
    'file does not exist',
  ]) {
    t.equal(refusal(text).isNotFound, false, text)
  }
})

t.test('a missing storage or volume is never a missing guest', async t => {
  const words = fc.constantFrom(
    'storage',
    'volume',
    'snapshot',
    'pool',
    'not found',
    'does not exist',
    "'a'",
    '105',
    ' ',
  )
  const text = fc.array(words, { maxLength: 6 }).map(parts => parts.join(' '))
  await holds(
    t,
    fc.property(text, answer => recognise(answer)?.subject !== 'guest'),
  )
})

t.test('states that stand in the way have codes of their own', async t => {
  const cases: readonly (readonly [string, ErrorCode])[] = [
    ["CT 104 already exists on node 'vm'", 'PROXMOX_EXISTS'],
    ["unable to create CT 104 - CT 104 already exists on node 'vm'", 'PROXMOX_EXISTS'],
    ["pool 'appstore' already exists", 'PROXMOX_EXISTS'],
    ["create user failed: user 'x@pve' already exists", 'PROXMOX_EXISTS'],
    ["snapshot name 'before' already used", 'PROXMOX_EXISTS'],
    ['detected modified configuration - file changed by other user? Try again.', 'PROXMOX_CHANGED'],
    ['VM 777: detected modified configuration - file changed by other user? Try again.', 'PROXMOX_CHANGED'],
    ["can't remove CT 104 - protection mode enabled", 'PROXMOX_PROTECTED'],
    ['CT 104 not running', 'PROXMOX_NOT_RUNNING'],
    ['CT 104 already running', 'PROXMOX_RUNNING'],
    ['unable to destroy CT 104 - container is running', 'PROXMOX_RUNNING'],
    ["Cannot move volume 'mp0' of a running container", 'PROXMOX_RUNNING'],
    ["create pool failed: pool 'appstore' already exists", 'PROXMOX_EXISTS'],
    ["can't remove CT 104 drive 'mp0' - protection mode enabled", 'PROXMOX_PROTECTED'],
    ['unable to restore CT 104 - CT is locked (backup)', 'PROXMOX_LOCKED'],
    ['write failed: No space left on device', 'PROXMOX_NO_SPACE'],
    ['CT is locked (snapshot-delete)', 'PROXMOX_LOCKED'],
    ["can't lock file '/run/lock/lxc/pve-config-104.lock' - got timeout", 'PROXMOX_LOCKED'],
    ['snapshot feature is not available', 'PROXMOX_UNSUPPORTED'],
    ['no options specified', 'PROXMOX_FAILED'],
  ]
  for (const [text, code] of cases) t.equal(refusal(text).code, code, text)
})

t.test('privileges that lack are read from a refusal', async t => {
  t.same(missingPermission('Permission check failed (/vms/104, VM.Audit)\n'), {
    path: '/vms/104',
    privileges: ['VM.Audit'],
  })
  t.same(missingPermission('Permission check failed (/, Sys.Audit|Sys.Modify)')?.privileges, [
    'Sys.Audit',
    'Sys.Modify',
  ])
  t.equal(missingPermission("Permission check failed (pool 'x' does not exist)"), undefined)
  t.equal(missingPermission('Permission check failed'), undefined)
  t.ok(isRootOnly('Permission check failed (user != root@pam)'))
  t.notOk(isRootOnly('Permission check failed (/vms/104, VM.Audit)'))
})

t.test('every code has its reason, its words and its advice, and the error exactly one true reason', async t => {
  for (const [code, { summary, advice }] of Object.entries(errorRegistry)) {
    const error = new ProxmoxError(code as ErrorCode, 'words')
    const reasons = Object.entries(error).filter(([name, value]) => name.startsWith('is') && value === true)
    t.equal(reasons.length, 1, code)
    t.ok(summary.length > 10 && advice.length > 10 && !advice.endsWith('.') && error.advice === advice, code)
    t.ok(isProxmoxError(error) && !isProxmoxError(new Error(code)) && !isProxmoxError(null))
  }
})

t.test('no answer of a server breaks the reader, and none gets into a message unescaped', async t => {
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.jsonValue().map(value => JSON.stringify({ errors: value, message: value })),
  )
  const answer = fc.record({ status: fc.integer({ min: 300, max: 599 }), statusText: fc.string(), body })
  await holds(
    t,
    fc.property(answer, fc.constantFrom('GET', 'POST'), (one, method) => {
      const error = errorFromAnswer({ method, path: '/x', ...one })
      return isProxmoxError(error) && /^[ -~]*$/.test(error.message)
    }),
    { numRuns: 60 },
  )
})

t.test('a change that failed may have left something, one that was refused has not', async t => {
  const change = (answer: string) =>
    errorFromAnswer({ method: 'PUT', path: '/x', status: 500, statusText: answer, body: '' }).mayHaveRun
  t.equal(change('lvcreate failed: exit code 5'), true)
  t.equal(change('CT is locked (backup)'), false)
  t.equal(refusal('something').mayHaveRun, false, 'a read leaves nothing')
})

t.test('a server that says very much fills no error with it', async t => {
  const error = refusal('x'.repeat(1_000_000))
  t.ok(error.message.length < 1000 && (error.answer ?? '').length < 5000)
})
