import t, { type Test } from 'tap'
import type { Command } from '../../src/command/command.ts'
import { catalogue } from '../../src/index.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { grantText, policyText } from '../support/policies.ts'

const defaults = { running: 16, queue: 64, perMinute: 6000, content: 67_108_864 }
const exec = (guard?: string, timeout = '30m') =>
  `  - { command: pct.exec, where: { vmid: 20000-20999 }, ${guard === undefined ? '' : `guard: ${guard}, `}timeout: ${timeout} }`
const daemon = (parts: Parameters<typeof policyText>[0] = {}, more = '') =>
  policyText({ grants: exec('{ pool: appstore }'), ...parts, more: `transport: daemon\n${more}` })

/** Checks that a text is refused, with this problem among the first. */
async function refused(t: Test, text: string, problem: RegExp): Promise<void> {
  await t.rejects(parsePolicy(text, { source: 'p' }), { code: 'PRIVEXEC_POLICY_INVALID', message: problem })
}

t.test('the transport is sudo, or one of the two of the root-side broker', async t => {
  t.equal((await parsePolicy(policyText())).transport, 'sudo')
  for (const transport of ['daemon', 'portable']) {
    const policy = await parsePolicy(daemon().replace('daemon', transport))
    t.match(policy, { transport, runAs: 'root', audit: { file: '/var/log/sample.jsonl' } })
  }
  for (const odd of ['direct', 'Daemon', '""', '~', '[daemon]']) {
    await refused(t, policyText({ more: `transport: ${odd}` }), /p:5:\d+: transport: /)
  }
})

t.test('limits have defaults, one by one, and ranges', async t => {
  t.strictSame((await parsePolicy(policyText())).limits, defaults)
  t.strictSame((await parsePolicy(daemon())).limits, defaults)
  t.strictSame((await parsePolicy(daemon({}, 'limits: {}'))).limits, defaults)
  t.strictSame((await parsePolicy(daemon({}, 'limits: { queue: 0, content: 1 }'))).limits, {
    ...defaults,
    queue: 0,
    content: 1,
  })
  const least = { running: 1, queue: 0, perMinute: 1, content: 1 }
  t.strictSame((await parsePolicy(daemon({}, `limits: ${JSON.stringify(least)}`))).limits, least)
  const most = { running: 1024, queue: 100_000, perMinute: 1_000_000, content: 1_073_741_824 }
  t.strictSame((await parsePolicy(daemon({}, `limits: ${JSON.stringify(most)}`))).limits, most)
  for (const [key, value] of Object.entries(least)) {
    const values = [value - 1, most[key as keyof typeof most] + 1, 1.5, '"1"', '~', '.inf', '.nan']
    for (const value of values)
      await refused(t, daemon({}, `limits: { ${key}: ${value} }`), new RegExp(`limits\\.${key}: `))
  }
  await refused(t, daemon({}, 'limits: { threads: 1 }'), /limits\.threads: there is no such key/)
})

t.test('settings of guards have their defaults', async t => {
  const settings = async (guard: string) => (await parsePolicy(daemon({ grants: exec(guard) }))).grants[0]?.settings
  const strict = { pool: 'appstore', tags: ['appstore', 'managed'], privileged: false }
  t.strictSame(await settings('{ pool: appstore }'), strict)
  t.strictSame(await settings('{ privileged: true, tags: [a], pool: a/b }'), {
    pool: 'a/b',
    tags: ['a'],
    privileged: true,
  })
  const zfs = daemon({ grants: grantText('zfs.mount', '{ base: tank }') })
  t.strictSame((await parsePolicy(zfs)).grants[0]?.settings, {}, 'and a command whose guards have none needs none')
  t.strictSame((await parsePolicy(policyText())).grants[0]?.settings, {}, 'as does sudo, which runs no guards')
  const inPool = daemon({ grants: exec('{ pool: "{where}" }') }, 'variables: { where: appstore }')
  t.strictSame((await parsePolicy(inPool)).grants[0]?.settings, strict, 'variables stand in them too')
})

t.test('a setting that is missing, unknown or wrong is told with its place', async t => {
  for (const [grants, problem] of [
    [exec(), /^p:\d+:5: grants\[0\]\.guard: with transport: daemon, pct\.exec needs guard\.pool: Pool /],
    [exec('{}'), /^p:\d+:\d+: grants\[0\]\.guard\.pool: /],
    [exec('{ tags: [a] }'), /grants\[0\]\.guard\.pool: /],
    [exec('{ pool: "a b" }'), /grants\[0\]\.guard\.pool: .*, not "a b"$/],
    [exec('{ pool: a, tags: [] }'), /grants\[0\]\.guard\.tags: /],
    [exec('{ pool: a, tags: ["a;b"] }'), /grants\[0\]\.guard\.tags\[0\]: .*, not "a;b"$/],
    [exec('{ pool: a, privileged: 1 }'), /grants\[0\]\.guard\.privileged: /],
    [exec('{ pool: a, pools: [b] }'), /grants\[0\]\.guard\.pools: there is no such key/],
    [exec('~'), /grants\[0\]\.guard: /],
    [exec('{ pool: "{x}" }'), /grants\[0\]\.guard\.pool: there is no variable "x"/],
    ['  - { command: zfs.mount, where: { base: tank }, guard: {}, timeout: 1s }', /guard: there is no such key/],
    [`${exec('{ pool: a }')}\n${exec()}`, /^p:\d+:5: grants\[1\]\.guard: /],
  ] as const) {
    await refused(t, daemon({ grants }), problem)
  }
})

t.test('what the root-side broker would do is an error where there is none, and says why', async t => {
  const why = 'with transport: sudo nothing of ours runs as root; use daemon or portable'
  await refused(
    t,
    policyText({ grants: exec('{ pool: a }') }),
    new RegExp(`grants\\[0\\]\\.guard: guards are .*${why}$`),
  )
  await refused(
    t,
    policyText({ more: 'limits: {}' }),
    new RegExp(`limits: the root-side broker keeps limits, but ${why}$`),
  )
})

t.test('root writes the records and runs the commands of the root-side broker', async t => {
  const state = '{ file: "{state}/a.jsonl" }'
  for (const transport of ['daemon', 'portable']) {
    const text = daemon({ audit: state }, 'runAs: nobody').replace('daemon', transport)
    await refused(
      t,
      text,
      new RegExp(`audit\\.file: root writes it with transport: ${transport}, .*\n.*runAs: .*run as root`),
    )
  }
  t.match(await parsePolicy(policyText({ audit: state, more: 'runAs: nobody' })), { runAs: 'nobody' })
  const inside = '/var/{state}/a.jsonl'
  t.equal((await parsePolicy(policyText({ audit: `{ file: "${inside}" }` }))).audit.file, inside)
})

t.test(
  'the hash of a policy for sudo is of what sudo decides, and others are of limits, guards and settings too',
  async t => {
    const hash = async (text: string, commands?: readonly Command[]) =>
      (await parsePolicy(text, commands ? { commands } : {})).hash
    const known = '9f72d28d'
    t.equal((await hash(policyText())).slice(0, 8), known, 'as it was before there were others')
    const first = await hash(daemon())
    t.equal(await hash(daemon({}, 'limits: { running: 16 }')), first, 'a default that is written down changes nothing')
    t.equal(await hash(daemon({ grants: exec('{ privileged: false, pool: appstore }') })), first, 'nor does the order')
    const unguarded = catalogue.map(command => ({ ...(command as Command), guards: command.guards.slice(1) }))
    const others = [
      hash(daemon().replace('daemon', 'portable')),
      hash(daemon({}, 'limits: { running: 17 }')),
      hash(daemon({ grants: exec('{ pool: other }') })),
      hash(daemon({ grants: exec('{ pool: appstore, tags: [appstore] }') })),
      hash(daemon({ grants: exec('{ pool: appstore, privileged: true }') })),
      hash(daemon({ grants: grantText('zfs.mount', '{ base: tank }') })),
      hash(daemon({ grants: grantText('zfs.mount', '{ base: tank }') }), unguarded),
    ]
    t.equal(new Set([first, ...(await Promise.all(others))]).size, 8)
  },
)
