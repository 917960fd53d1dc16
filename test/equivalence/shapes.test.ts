import t from 'tap'
import { readArgv } from '../../packages/privexec/src/command/argv.ts'
import { patternOf } from '../../packages/privexec/src/command/slots.ts'
import { account, argument, fileMode, literal, oneOf, option, parsePolicy } from '../../packages/privexec/src/index.ts'
import { toSudoers } from '../../packages/privexec/src/pattern/dialect.ts'
import { renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { slotsFor } from '../../packages/privexec/test/support/definition.ts'
import { grantText, policyText } from '../../packages/privexec/test/support/policies.ts'
import { insideHost } from '../host/prepare.ts'
import { askSudo } from './in-host.ts'
import { libraryAllows, libraryAllowsJoined } from './library.ts'

const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap test/equivalence/shapes.test.ts'

/** A drop-in with one rule for the account `appstore`. */
const only = (rule: string) => `appstore ALL=(root) NOPASSWD: /usr/bin/nsenter ${rule}\n`

const [mode, user] = [option('--mode', 'mode', fileMode()), option('--user', 'user', account())]
const templates = {
  nothing: [],
  'one optional': [mode],
  'optionals alone': [mode, user],
  'optionals first': [mode, user, 'it'],
  'an optional in the middle': ['it', mode, argument('user', account())],
}

/** All lists of up to `length` of the elements. */
const lists = (elements: readonly string[], length: number): string[][] =>
  length === 0 ? [[]] : [[], ...lists(elements, length - 1).flatMap(rest => elements.map(first => [first, ...rest]))]

for (const [name, template] of Object.entries(templates)) {
  t.test(`a template of ${name} is one thing to library and sudo`, { skip }, async t => {
    const slots = slotsFor(template)
    const long = [
      ['--mode', '0644', '--user', 'it'],
      ['--mode', '0644', '--user', '0', 'it'],
      ['it', '--mode', '0644', '0'],
    ]
    const argvs = [
      ...new Map(
        [...lists(['--mode', '0644', 'it', ''], 3), ...long].map(argv => [JSON.stringify(argv), argv]),
      ).values(),
    ]
    const answers = await askSudo('appstore', only(toSudoers(patternOf(slots))), argvs)
    const wrong = argvs.filter((argv, index) => {
      const joined = argv.join(' ')
      // No elements and one empty element are the same to sudo.
      const reads = readArgv(slots, joined === '' ? [] : joined.split(' ')) !== undefined
      return answers[index] !== reads
    })
    t.strictSame(wrong, [])
    t.ok(answers.includes(true), 'something is allowed')
  })
}

t.test('every character that a pattern may name is that character to sudo, and no other', { skip }, async t => {
  const text = 'AZaz09_./:@+=,%~- b'
  const others = [...'AZaz09_./:@+=,%~- b\\#*?[]()!"\'$^|;&<>`{}\t\n\x7fé']
  const changed = [...text].flatMap((_, at) => others.map(other => text.slice(0, at) + other + text.slice(at + 1)))
  const argvs = [text, ...changed.filter((other, index) => other !== text && index % 7 === 0)]
  const answers = await askSudo(
    'appstore',
    only(toSudoers(literal(text))),
    argvs.map(argv => [argv]),
  )
  t.strictSame(
    argvs.filter((_, index) => answers[index]),
    [text],
  )

  const set = oneOf('A-C', 'x', '_', '.', '/', ':', '@', '+', '=', ',', '%', '~', '-', '7-9')
  const ascii = [...others, ...'BCDxy678'].map(character => [character])
  const inSet = await askSudo('appstore', only(toSudoers(set)), ascii)
  t.equal(
    ascii
      .filter((_, at) => inSet[at])
      .flat()
      .join(''),
    'A9_./:@+=,%~-BCx78',
  )
})

t.test('bounds with every character that they may hold are enforced as they are written', { skip }, async t => {
  const directory = '/a,b=c:d@e%f~g+h.i-j_k'
  const grants = [
    grantText('pct.push', `{ vmid: 200-300, below: ["${directory}", /opt] }`),
    grantText('pct.exec', '{ vmid: 4711-4799 }'),
    grantText('zfs.mount', '{ base: { dataset: tank_1/a-b, depth: 2 } }'),
  ].join('\n')
  const policy = await parsePolicy(policyText({ name: 'odd_1', principal: '{ user: appstore }', grants }))
  const host = ['--mount=/proc/1/ns/mnt', '--']
  const id = '0'.repeat(32)
  const push = (path: string) => [
    ...host,
    '/usr/sbin/pct',
    'push',
    '250',
    `/var/lib/privexec/staging/odd_1/drop/${id}`,
    path,
  ]
  const exec = (...line: string[]) => [
    ...host,
    '/usr/sbin/pct',
    'exec',
    '4711',
    '--keep-env',
    '0',
    '--',
    '/usr/bin/env',
    `PRIVEXEC_OPERATION=odd_1-${id}`,
    ...line,
  ]
  const mount = (dataset: string) => [...host, '/usr/sbin/zfs', 'mount', dataset]
  const argvs = [
    ...[`${directory}/x`, '/opt/x', directory, '/opt', `${directory}x/y`, directory.replace('.', 'x'), '/optx/y'].map(
      push,
    ),
    ...[...directory].map((_, at) => push(`${directory.slice(0, at)}X${directory.slice(at + 1)}/x`)),
    ...[['g++'], ['g++', '-c', 'a b'], ['=a'], ['-a']].map(line => exec(...line)),
    ...['tank_1/a-b/c/d', 'tank_1/a-b/c', 'tank_1/a-b', 'tank_1/a-b/c/d/e', 'tank_1/aXb/c/d'].map(mount),
  ]
  const answers = await askSudo('appstore', renderSudoers(policy), argvs)
  const wrong = argvs.filter(
    (argv, index) => answers[index] !== (libraryAllows(policy, argv) || libraryAllowsJoined(policy, argv)),
  )
  t.strictSame(wrong, [])
  t.equal(answers.filter(Boolean).length, 2 + 2 + 1, 'the legal ones are allowed')
})
