import t from 'tap'
import { expectedRules, rightsCheck } from '../../src/doctor/rights.ts'
import { alice, appstore, contextOf, messages, pgd } from './support/context.ts'

interface Rule {
  readonly command: string
  readonly runAs?: string
  readonly options?: string
  readonly timeout?: number
}

/** A list as sudo prints it. */
const listing = (rules: readonly Rule[], defaults = 'env_reset'): string =>
  [
    'Matching Defaults entries for x on pve:',
    `    ${defaults}`,
    '',
    'User x may run the following commands on pve:',
    ...rules.flatMap(({ command, runAs = 'root', options, timeout }) => [
      '',
      'Sudoers entry:',
      `    RunAsUsers: ${runAs}`,
      ...(options === undefined ? [] : [`    Options: ${options}`]),
      ...(timeout === undefined ? [] : [`    Timeout: ${timeout}`]),
      '    Commands:',
      `\t${command}`,
    ]),
    '',
  ].join('\n')

const ours = (policy = appstore): Rule[] =>
  expectedRules(policy).map(({ id: _, ...rule }) => ({ ...rule, options: '!authenticate' }))

const judge = (rules: readonly Rule[], defaults?: string) =>
  rightsCheck(contextOf({ run: () => listing(rules, defaults) }))

t.test('exactly the rules of the policy are well', async t => {
  const list = await judge(ours())
  t.strictSame(
    list.map(({ level }) => level),
    ['ok'],
  )
})

t.test('a rule of ours with another account, limit or tag is not ours', async t => {
  const [first, ...rest] = ours() as [Rule, ...Rule[]]
  for (const change of [
    { runAs: 'ALL' },
    { timeout: 7 },
    { options: '!authenticate, setenv' },
    { options: 'authenticate' },
  ]) {
    const errors = messages(await judge([{ ...first, ...change }, ...rest]), 'error')
    t.match(errors[0], /does not grant appstore appstore\/pct\.exec as the policy does/)
  }
})

t.test('an open rule undoes the policy of a service, with or without a password', async t => {
  for (const options of ['!authenticate', 'authenticate', undefined]) {
    const rule = options === undefined ? { command: 'ALL' } : { command: 'ALL', options }
    t.match(messages(await judge([...ours(), rule]), 'error'), [/rule beyond the policy/])
  }
})

t.test('for a person, what counts is whether a password is asked', async t => {
  const context = (rule: Rule, defaults?: string) =>
    contextOf({ run: () => listing([...ours(pgd), rule], defaults) }, { policy: pgd, accounts: [alice] })
  const levels = async (rule: Rule, defaults?: string) =>
    (await rightsCheck(context(rule, defaults))).map(each => each.level)
  t.strictSame(await levels({ command: 'ALL' }), ['warning'])
  t.strictSame(await levels({ command: 'ALL', options: '!authenticate' }), ['error'])
  t.strictSame(await levels({ command: 'ALL' }, 'env_reset, !authenticate'), ['error'])
  t.strictSame(await levels({ command: '/usr/bin/id -un', options: '!authenticate' }), ['warning'])
})

t.test('what another policy of the machine grants is a note', async t => {
  const run = () => listing([...ours(), ...ours(pgd)])
  t.strictSame(messages(await rightsCheck(contextOf({ run })), 'warning').length, 3)
  const known = await rightsCheck(contextOf({ run }, { others: [pgd] }))
  t.strictSame(messages(known, 'warning'), [])
  t.match(messages(known, 'note'), [/also has pgd\/zfs\.mount/, /zfs\.unmount/, /end-operation/])
})

t.test('without root, the rights of another account are unknown, and nothing is called well', async t => {
  const context = contextOf({ uid: 7, run: () => ({ exitCode: 1, stderr: 'sudo: a password is required\n' }) })
  t.strictSame(
    (await rightsCheck(context)).map(({ level }) => level),
    ['note'],
  )
})
