import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadPolicy, parsePolicy, policyJson } from '../../src/policy/load.ts'
import { grantText, policyFile, policyText } from '../support/policies.ts'

const grant = { command: 'pct.exec', where: { vmid: '200-300' }, timeout: '30m' }

/** Checks that a text is refused, and with which problem, at which line and column. */
async function refused(t: Test, text: string, problem: string | RegExp): Promise<void> {
  const error = await parsePolicy(text, { source: 'p' }).then(
    () => undefined,
    (error: unknown) => error,
  )
  t.match(error, { code: 'PRIVEXEC_POLICY_INVALID', message: problem }, String(problem))
  t.match(
    String((error as Error | undefined)?.message),
    /^(p:\d+:\d+: [ -~]*\n?)+$/,
    'each problem has a place, in printable ASCII',
  )
}

t.test('the shipped policies load', async t => {
  t.match(await loadPolicy(policyFile('appstore')), {
    name: 'appstore',
    principal: { kind: 'user', name: 'appstore', service: true },
  })
  t.match(await loadPolicy(policyFile('pgd')), {
    name: 'pgd',
    principal: { kind: 'group', name: 'pgd', service: false },
  })
})

t.test('a policy has defaults for what is mostly the same', async t => {
  const policy = await parsePolicy(policyText())
  t.match(policy, { name: 'sample', runAs: 'root', transport: 'sudo', audit: { file: '/var/log/sample.jsonl' } })
  t.match(policy.grants, [{ id: 'sample/pct.exec', timeout: 1800 }])
})

t.test('a file that is not there is told from one that is wrong', async t => {
  await t.rejects(loadPolicy('/nonexistent\n/policy.yaml'), {
    code: 'PRIVEXEC_POLICY_UNREADABLE',
    message: /"\/nonexistent\\n/,
  })
  await t.rejects(loadPolicy('/'), { code: 'PRIVEXEC_POLICY_UNREADABLE' })
})

t.test('a policy in JSON is the same policy, and its problems have places too', async t => {
  const file = join(t.testdir(), 'sample.json')
  const load = async (change: object) => {
    const data = { ...(JSON.parse(await policyJson(policyText())) as object), ...change }
    writeFileSync(file, JSON.stringify(data, null, 2))
    return loadPolicy(file)
  }
  const { source: _path, ...policy } = await load({})
  const { source: _none, ...same } = await parsePolicy(policyText())
  t.same(JSON.parse(JSON.stringify(policy)), JSON.parse(JSON.stringify(same)))
  const varied = { variables: { least: '200' }, grants: [{ ...grant, where: { vmid: '{least}-300' } }] }
  t.match(await load(varied), { grants: [{ where: { vmid: '200-300' } }] }, 'variables are put in')
  for (const wrong of [{ colour: 'red' }, { grants: [{ ...grant, where: { vmid: '{most}' } }] }, { policy: 'A' }]) {
    await t.rejects(load(wrong), { code: 'PRIVEXEC_POLICY_INVALID', message: /sample\.json:\d+:\d+: / })
  }
  writeFileSync(file, policyText())
  t.match(await loadPolicy(file), { name: 'sample' }, 'a name tells nothing')
})

t.test('each problem is named with its line, its column and its path', async t => {
  await refused(
    t,
    policyText({ grants: grantText('pct.exec', '{ vmid: 300-200 }') }),
    /^p:7:41: grants\[0\]\.where\.vmid: .*empty$/,
  )
  await refused(t, policyText({ more: 'colour: red' }), /^p:5:\d+: colour: there is no such key/)
  await refused(
    t,
    policyText({ principal: '{ user: a, group: b }' }),
    /^p:3:\d+: principal\.group: there is no such key/,
  )
  await refused(
    t,
    policyText({ grants: '  - { command: pct.exec, where: { vmid: 200-300 } }' }),
    /^p:7:5: grants\[0\]\.timeout: /,
  )
  const two = policyText({ name: 'Sample', summary: '"a\\nb"' })
  await refused(t, two, /^p:1:9: policy: .*\np:2:10: summary: .*not "a\\nb"$/)
})

t.test('a name, a principal or a summary that could end a line of sudoers is refused', async t => {
  for (const name of [
    'Sample',
    '1a',
    'a-b',
    'a__1',
    '_a',
    'a_',
    '""',
    'a'.repeat(32),
    '"a\\n"',
    '12',
    'a.b',
    '../a',
    'all,x',
  ]) {
    await refused(t, policyText({ name }), /policy: /)
  }
  for (const account of [
    'ALL',
    '"#0"',
    '"%wheel"',
    '"+net"',
    'Root',
    '"a b"',
    '"a\\nALL ALL=(ALL) ALL"',
    '"a,b"',
    '"!a"',
    '"a\\\\"',
    '0',
    'é',
    'sudoedit',
  ]) {
    await refused(t, policyText({ principal: `{ user: ${account} }` }), /principal\.user: /)
    await refused(t, policyText({ principal: `{ group: ${account} }` }), /principal\.group: /)
    await refused(t, policyText({ more: `runAs: ${account}` }), /runAs: /)
  }
  for (const summary of [
    '"a\\nb"',
    '"a\\rb"',
    '"a\\\\"',
    '"a | b"',
    '""',
    '"é"',
    '"`a`"',
    '"#a"',
    '"a\\u2028b"',
    'a'.repeat(201),
  ]) {
    await refused(t, policyText({ summary }), /summary: /)
  }
})

t.test('a bound that does not fit the command is refused', async t => {
  for (const [command, where, path] of [
    ['pct.exec', '{}', 'where.vmid'],
    ['pct.exec', '~', 'where'],
    ['pct.exec', '{ vmid: 20000 }', 'where.vmid'],
    ['pct.exec', '{ vmid: 20000-99999999999999999999 }', 'where.vmid'],
    ['pct.exec', '{ vmid: [200-300] }', 'where.vmid'],
    ['pct.exec', '{ vmid: 200-300, base: tank }', 'where.base'],
    ['pct.exec', '{ vmid: 200-300, programs: [ls] }', 'where.programs'],
    ['pct.push', '{ vmid: 200-300, below: [] }', 'where.below'],
    ['pct.exec', '{ vmid: 200-300, __proto__: { vmid: 1-2 } }', 'where.__proto__'],
    ['pct.exec', '{ vmid: 200-300, constructor: a }', 'where.constructor'],
    ['pct.push', '{ vmid: 200-300, below: ["/opt", "etc"] }', 'where.below\\[1\\]'],
    ['zfs.mount', '{ base: tank/../rpool }', 'where.base'],
    ['zfs.mount', '{ base: { dataset: tank, depth: 9 } }', 'where.base'],
    ['zfs.allow', '{ base: tank }', 'command'],
    ['"zfs.\\u001bmount"', '{ base: tank }', 'command'],
  ]) {
    await refused(
      t,
      policyText({ grants: grantText(command as string, where as string) }),
      new RegExp(`^p:7:\\d+: grants\\[0\\]\\.${path}`),
    )
  }
})

t.test('a time limit is between one second and a day', async t => {
  const timeouts = async (timeout: string) =>
    (await parsePolicy(policyText({ grants: grantText('pct.exec', '{ vmid: 200-300 }', timeout) }))).grants[0]?.timeout
  t.strictSame(
    await Promise.all(['1s', '15m', '2h', '24h', '1440m', '86400s'].map(timeouts)),
    [1, 900, 7200, 86_400, 86_400, 86_400],
  )
  for (const timeout of [
    '0s',
    '25h',
    '86401s',
    '99999h',
    '1',
    '30',
    '1d',
    '1.5h',
    '-1s',
    '"1s\\n"',
    '" 1s"',
    '1e3s',
    '030s',
    '~',
    '١s',
  ]) {
    await refused(
      t,
      policyText({ grants: grantText('pct.exec', '{ vmid: 200-300 }', timeout) }),
      /grants\[0\]\.timeout: /,
    )
  }
})

t.test('a rule that sudo would never match is refused', async t => {
  const below = Array.from({ length: 8 }, (_, n) => `/${'a'.repeat(120)}${n}`)
  const grants = grantText('pct.push', `{ vmid: 200-300, below: [${below}] }`)
  await refused(
    t,
    policyText({ grants }),
    /grants\[0\]\.where: the rule would have \d+ characters; sudo never matches one over 1024/,
  )
})

t.test('variables stand for themselves, once and only in bounds', async t => {
  const grants = grantText('zfs.mount', '{ base: "{pool}/{x}" }')
  const { where } =
    (await parsePolicy(policyText({ more: 'variables: { pool: tank, x: "1" }', grants }))).grants[0] ?? {}
  t.strictSame(where, { base: 'tank/1' })
  await refused(t, policyText({ more: 'variables: { pool: tank }', grants }), /where\.base: there is no variable "x"/)
  await refused(
    t,
    policyText({ grants: grantText('zfs.mount', '{ base: "{toString}" }') }),
    /there is no variable "toString"/,
  )
  for (const value of ['../x', 'a/b', '{pool}', '""', '"a\\n"', 'a b', '-a', '1', '~', '[a]']) {
    await refused(
      t,
      policyText({ more: `variables: { pool: "${value.replaceAll('"', '')}" , x: a/b }`, grants }),
      /variables\.x/,
    )
  }
  await refused(t, policyText({ name: '"{x}"', more: 'variables: { x: a }' }), /^p:1:9: policy: /)
})

t.test('two grants of one command have names of their own', async t => {
  const grants = [grantText('pct.exec', '{ vmid: 200-300 }'), grantText('pct.exec', '{ vmid: 400-500 }')].join('\n')
  t.strictSame(
    (await parsePolicy(policyText({ grants }))).grants.map(({ id }) => id),
    ['sample/pct.exec', 'sample/pct.exec/2'],
  )
})

t.test('the hash changes with what decides, and with nothing else', async t => {
  const hash = async (parts: Parameters<typeof policyText>[0]) => (await parsePolicy(policyText(parts))).hash
  const first = await hash({})
  t.match(first, /^[0-9a-f]{64}$/)
  t.equal(await hash({ summary: 'Another text', audit: '{ file: /tmp/a }' }), first)
  for (const other of [
    ...[
      { name: 'other' },
      { principal: '{ group: sample }' },
      { more: 'runAs: daemon' },
      { principal: '{ user: other }' },
    ],
    ...[
      ['20000-20998', '30m'],
      ['20000-20999', '29m'],
    ].map(([vmid, time]) => ({ grants: grantText('pct.exec', `{ vmid: ${vmid} }`, time) })),
  ]) {
    t.not(await hash(other), first, JSON.stringify(other))
  }
})

t.test('the audit file is an absolute path, or below the state directory of the caller', async t => {
  const { audit } = await parsePolicy(policyText({ audit: '{ file: "{state}/privexec/a.jsonl" }' }))
  t.match(audit.file, /^\/.*\/privexec\/a\.jsonl$/)
  for (const file of ['a.jsonl', './a', '"{home}/a"', '""', '"\\0"'])
    await refused(t, policyText({ audit: `{ file: ${file} }` }), /audit\.file/)
})
