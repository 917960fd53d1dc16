import t from 'tap'
import { insideHost } from '../host/prepare.ts'
import { askSudo, compareRootWithSudo, compareWithSudo } from './in-host.ts'
import { libraryAllows, libraryAllowsJoined } from './library.ts'
import { rulesIn, type Shipped, shipped } from './rules.ts'
import { mistakes } from './wrong.ts'

const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap test/equivalence/sudo.test.ts'
const count = 300

t.test(`library and sudo agree on up to ${count} argvs of each grant`, { skip }, async t => {
  for (const found of await compareWithSudo(count, 1)) {
    t.match(found, { disagreements: 0, examples: [] }, found.grant)
    t.ok(found.asked >= count / 6, `${found.asked} were asked about`)
    t.ok(found.allowed > found.asked / 3 && found.allowed < found.asked, 'both answers were given often')
  }
})

t.test(`library, root's side and sudo agree on up to ${count} requests of each policy`, { skip }, async t => {
  for (const found of await compareRootWithSudo(count, 1)) {
    t.match(found, { disagreements: 0, examples: [] }, found.policy)
    t.ok(found.asked >= count / 6, `${found.asked} were asked about`)
    t.ok(found.allowed > found.asked / 3 && found.allowed < found.spelled, 'both answers were given often')
  }
})

t.test('sudo cannot see where one argument ends, and the library can', { skip }, async t => {
  const host = ['--mount=/proc/1/ns/mnt', '--']
  const pgd = [...host, '/usr/sbin/zfs', 'mount', 'tank/pgd/databases/shop/main']
  const marker = `PRIVEXEC_OPERATION=appstore-${'0'.repeat(32)}`
  const exec = [
    ...host,
    '/usr/sbin/pct',
    'exec',
    '20001',
    '--keep-env',
    '0',
    '--',
    '/usr/bin/env',
    marker,
    'echo',
    'a b',
    'c',
  ]
  for (const [index, legal] of [exec, pgd].entries()) {
    const { policy, sudoers, user } = shipped[index] as Shipped
    const moved = legal
      .slice(1)
      .map((_, at) => [...legal.slice(0, at), `${legal[at]} ${legal[at + 1]}`, ...legal.slice(at + 2)])
    const argvs = [...moved, [legal.join(' ')]]
    t.strictSame(
      new Set(await askSudo(user, sudoers, [legal, ...argvs])),
      new Set([true]),
      'sudo allows every boundary',
    )
    t.ok(libraryAllows(policy, legal), 'the library allows the right ones')
    // The last two elements of a tail are one element of it as well: every split of a tail is a legal tail.
    const refused = argvs.filter(argv => !libraryAllows(policy, argv))
    t.equal(refused.length, index === 0 ? argvs.length - 1 : argvs.length, 'and refuses the others')
    t.ok(
      argvs.every(argv => libraryAllowsJoined(policy, argv)),
      'each is a legal argv with blanks elsewhere',
    )
  }
})

t.test('a rule of 1,024 characters works, and one of 1,025 never matches', { skip }, async t => {
  const { sudoers, user } = shipped[0] as Shipped
  const rule = rulesIn(sudoers).get('appstore/pct.exec') ?? ''
  for (const [length, allowed] of [
    [1024, true],
    [1025, false],
  ] as const) {
    const text = 'a'.repeat(length - 2)
    t.strictSame(
      await askSudo(
        user,
        sudoers.replace(rule, () => `^${text}$`),
        [[text]],
      ),
      [allowed],
      `${length}`,
    )
  }
})

for (const { command, name, make } of mistakes.filter(({ name }) =>
  /too short|must be there|parentheses|too small/.test(name),
)) {
  t.test(`${command}: ${name} is found by asking sudo`, { skip }, async t => {
    const change = (sudoers: string) => {
      const rule = [...rulesIn(sudoers)].find(([grant]) => grant.endsWith(`/${command}`))?.[1]
      return rule === undefined ? sudoers : sudoers.replace(rule, () => make(rule))
    }
    const [found] = await compareWithSudo(count, 1, change, grant => grant.endsWith(`/${command}`))
    t.ok((found?.disagreements ?? 0) > 0)
  })
}
