import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { edited } from '../equivalence/edit.ts'
import { canBeArgv } from '../equivalence/generate.ts'
import { drawArgv, meanings } from '../equivalence/meaning.ts'
import { randomFrom } from '../equivalence/random.ts'
import { shipped } from '../equivalence/rules.ts'
import { installDropIn, prepareHost, removeDropIn } from '../host/prepare.ts'
import { check, classic, may, skip, sudoRs } from './support/implementations.ts'

const endOperation = '/usr/libexec/privexec/end-operation'

if (skip === false) {
  prepareHost()
  // sudo allows no command that is not there.
  mkdirSync(dirname(endOperation), { recursive: true })
  cpSync(join(import.meta.dirname, '../../packages/privexec/libexec/end-operation'), endOperation)
}

/** A file with a text, for a checker. */
function inFile<T>(text: string, use: (file: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'sudoers-'))
  try {
    const file = join(directory, 'rules')
    writeFileSync(file, text, { mode: 0o440 })
    return use(file)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const nsenter = '/usr/bin/nsenter'

for (const { policy, sudoers, user } of shipped) {
  t.test(`sudo-rs refuses the drop-in with patterns of ${policy.name}, and sudo accepts it`, { skip }, async t => {
    inFile(sudoers, file => {
      t.equal(check(classic, file).status, 0)
      for (const implementation of sudoRs) t.equal(check(implementation, file).status, 1, implementation.name)
    })
  })

  t.test(`with the drop-in of ${policy.name} in place all the same, sudo-rs allows nothing`, { skip }, async t => {
    const random = randomFrom(1)
    const legal = policy.grants.flatMap(({ id }) =>
      Array.from({ length: 8 }, () => drawArgv(meanings[id] ?? [], random)),
    )
    const near = legal.flatMap(argv => [edited(argv, random), edited(argv, random)]).filter(canBeArgv)
    const end = [endOperation, `${policy.name}-${'0'.repeat(32)}`]
    // One that reads an expression as a word would allow that word.
    const words = [...sudoers.matchAll(/^Cmnd_Alias \S+ = (\S+) (\^.*\$)$/gm)].flatMap(
      ([, program = '', rule = '']) => [
        [program, rule],
        [program, ...rule.split(' ')],
      ],
    )
    installDropIn('classic', sudoers)
    t.teardown(() => removeDropIn('classic'))
    t.ok(
      legal.every(argv => may(classic, user, [nsenter, ...argv])),
      'sudo allows all that is legal',
    )
    t.ok(may(classic, user, end), 'and to end an operation')
    for (const implementation of sudoRs) {
      const asked = [...[...legal, ...near].map(argv => [nsenter, ...argv]), end, ...words, [nsenter], ['/bin/sh']]
      t.strictSame(
        asked.filter(argv => may(implementation, user, argv)),
        [],
        implementation.name,
      )
    }
  })
}

t.test('what sudo-rs is asked here it can answer with yes', { skip }, async t => {
  installDropIn('classic', `appstore ALL=(root) NOPASSWD: ${nsenter}\n`)
  t.teardown(() => removeDropIn('classic'))
  for (const implementation of sudoRs) {
    t.ok(may(implementation, 'appstore', [nsenter, '--mount=/proc/1/ns/mnt', '--']), implementation.name)
    t.notOk(may(implementation, 'mallory', [nsenter]), implementation.name)
  }
})

/** Forms of rules, and whether sudo-rs takes them; sudo takes all. What both take is all that a portable rule may use. */
const forms: Readonly<Record<string, readonly [rule: string, sudoRs: boolean]>> = {
  'exact arguments': ['appstore ALL=(root) NOPASSWD: /bin/true a b', true],
  'the mark of no arguments': ['appstore ALL=(root) NOPASSWD: /bin/true ""', true],
  'a command alone, so any arguments': ['appstore ALL=(root) NOPASSWD: /bin/true', true],
  'a star as the last word': ['appstore ALL=(root) NOPASSWD: /bin/true a *', true],
  'a digest': [`appstore ALL=(root) NOPASSWD: sha256:${'0'.repeat(64)} /bin/true`, false],
  'a time limit': ['appstore ALL=(root) TIMEOUT=30s NOPASSWD: /bin/true', false],
  'no PAM session': ['Defaults !pam_session', false],
  'a log file': ['Defaults logfile=/var/log/x', false],
  'a log format': ['Defaults log_format=json', false],
  'no password for an account': ['Defaults:appstore !authenticate', false],
}

for (const [name, [rule, taken]] of Object.entries(forms)) {
  t.test(`${name} is a form that sudo-rs ${taken ? 'takes' : 'refuses'}`, { skip }, async t => {
    inFile(`${rule}\n`, file => {
      t.equal(check(classic, file).status, 0, 'sudo takes it')
      for (const each of sudoRs) t.equal(check(each, file).status === 0, taken, each.name)
    })
  })
}

const patterns = { 'a star within a word': 'a*b c', 'an expression': '^a[0-9]b c$' }

for (const [name, pattern] of Object.entries(patterns)) {
  // 0.2.5 reads it as plain words, later ones refuse the line.
  t.test(`${name} is a pattern to sudo alone`, { skip }, async t => {
    installDropIn('classic', `appstore ALL=(root) NOPASSWD: /bin/true ${pattern}\n`)
    t.teardown(() => removeDropIn('classic'))
    const argv = ['/bin/true', 'a1b', 'c']
    t.ok(may(classic, 'appstore', argv))
    for (const each of sudoRs) t.notOk(may(each, 'appstore', argv), each.name)
  })
}
