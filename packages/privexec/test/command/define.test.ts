import t from 'tap'
import { containerId } from '../../src/argument/container-id.ts'
import { fileMode } from '../../src/argument/file-mode.ts'
import { programAndArguments } from '../../src/argument/program.ts'
import { secret } from '../../src/argument/secret.ts'
import { stagedContent } from '../../src/argument/staged-content.ts'
import { defineCommand } from '../../src/command/define.ts'
import { program } from '../../src/command/program.ts'
import { argument, marker, option } from '../../src/command/template.ts'
import { choice, literal, oneOf, repeat, sequence } from '../../src/pattern/dialect.ts'
import { define, word } from '../support/definition.ts'

const name = word(repeat(oneOf('a-z', '-'), 1, 20))
const mode = fileMode()
const tail = programAndArguments()

/** What is wrong with each template, by the words of its refusal. */
const refused: readonly [string, readonly unknown[]][] = [
  ['holds a blank', ['do this']],
  ['may hold a blank', [argument('text', word(oneOf(' -~')))]],
  ['may hold a blank', ['x', option('--text', 'text', word(oneOf('a-z', ' ')))]],
  ['stands twice', [argument('same', mode), argument('same', mode)]],
  ['stands twice', [argument('same', mode), option('--same', 'same', mode)]],
  ['is not a field name', [argument('Upper', mode)]],
  ['is not a field name', [argument('with-hyphen', mode)]],
  ['is not a field name', [argument('__proto__', mode)]],
  ['every object has it', ['x', option('--a', 'constructor', mode)]],
  ['every object has it', [argument('toString', mode)]],
  ['has no spelling', [argument('password', secret())]],
  ['has no spelling', ['x', option('--password', 'password', secret())]],
  ['stands last', ['--', argument('command', tail), 'x']],
  ['stands last', ['--', argument('command', tail), argument('command2', tail)]],
  ['-- must stand before', [argument('command', tail)]],
  ['-- must stand before', ['x', argument('command', tail)]],
  ['cannot be an option', ['--', option('--run', 'command', tail)]],
  ['stands before a tail', ['--', option('--mode', 'mode', mode), argument('command', tail)]],
  ['is content, which is always given', ['x', option('--content', 'content', stagedContent())]],
  ['is not a flag', ['x', option('mode', 'mode', mode)]],
  ['is not a flag', ['x', option('--mode=', 'mode', mode)]],
  ['is not a flag', ['x', option('--', 'mode', mode)]],
  ['could be its own flag', ['x', option('--name', 'name', name)]],
  ['could be taken for an element after it', ['x', option('--mode', 'mode', mode), argument('name', name)]],
  ['could be taken for an element after it', ['x', option('--mode', 'mode', mode), '--mode']],
  ['could be taken for an element after it', ['x', option('-a', 'a', mode), option('-b', 'b', mode), '-a']],
  ['could be taken for an element after it', ['x', option('-a', 'a', mode), option('-a', 'b', mode)]],
  [
    'could be taken for an element after it',
    ['x', option('-a', 'a', mode), option('-b', 'b', mode), option('-a', 'c', mode)],
  ],
]

t.test('a template that is ambiguous, or that sudo could not enforce, is refused when it is built', async t => {
  for (const [words, argv] of refused) {
    t.throws(
      () => define(argv),
      { code: 'PRIVEXEC_DEFINITION_INVALID', message: new RegExp(`tool\\.use: .*${words}`) },
      words,
    )
  }
})

t.test('an element that sudoers or the expression would read as syntax is refused', async t => {
  for (const text of ['', 'a#b', 'a*', '$HOME', 'a\n', 'a\\', '(a)', 'é', '"a"']) {
    t.throws(() => define([text]), { code: 'PRIVEXEC_DEFINITION_INVALID' }, JSON.stringify(text))
  }
})

t.test('a rule has at most the 1,024 characters that sudo matches', async t => {
  const rule = (length: number) => define([argument('name', word(literal('a'.repeat(length - 2))))])
  t.ok(rule(1024))
  t.throws(() => rule(1025), { code: 'PRIVEXEC_DEFINITION_INVALID', message: /1025 characters/ })
  const many = choice(...Array.from({ length: 300 }, (_, n) => literal(`name${n}`)))
  t.throws(() => define([argument('name', word(many))]), /sudo never matches one over 1024/)
})

t.test('a program is the absolute path of one file', async t => {
  t.ok(define([], '/usr/lib/postgresql/15/bin/pg_ctl'))
  for (const path of [
    ...[
      'tool',
      './tool',
      '',
      '/',
      '/usr/bin/',
      '/usr/bin/*',
      '/usr/bin/t?',
      '/usr/bin/[a]',
      '/usr/bin/a, ALL',
      '/usr/bin/a b',
    ],
    ...[
      '/usr/../bin/a',
      '/usr/./a',
      '/.a',
      '//a',
      '/usr/bin/a\nALL',
      '/usr/bin/a\\',
      '!/usr/bin/a',
      '/usr/bin/é',
      '/a\0',
    ],
  ]) {
    t.throws(() => define([], path), { code: 'PRIVEXEC_DEFINITION_INVALID' }, JSON.stringify(path))
  }
})

t.test('an id is two names, and a summary is one plain line', async t => {
  const build = (id: string, summary: string) => () =>
    defineCommand({ id, summary, program: program('/usr/bin/tool'), argv: [] })
  t.ok(build('pct.exec', 'Run a program, in a container (or not)')())
  for (const id of ['pct', 'pct.', '.exec', 'pct.exec.now', 'Pct.exec', 'pct exec', 'pct.exec\n', ''])
    t.throws(build(id, 'Do'), /an id is/)
  for (const text of ['', 'a\nb', 'a | b', 'a\\', 'é', '<b>', '# a', 'a\tb', '`a`'])
    t.throws(build('a.b', text), /summary/)
})

t.test('bytes have one way in, so there is one content, or standard input', async t => {
  const content = (field: string) => argument(field, stagedContent())
  const build = (stdin: boolean, ...fields: string[]) =>
    defineCommand({
      id: 'a.b',
      summary: 'Do',
      program: program('/usr/bin/tool'),
      argv: ['x', ...fields.map(content)],
      stdin,
    })
  t.ok(build(false, 'one') && build(true))
  for (const twice of [() => build(true, 'one'), () => build(false, 'one', 'two')]) {
    t.throws(twice, { code: 'PRIVEXEC_DEFINITION_INVALID', message: /one way in/ })
  }
})

t.test('what is unambiguous is taken', async t => {
  const argv = [
    option('--mode', 'mode', mode),
    'x',
    argument('vmid', containerId()),
    '--',
    marker(),
    argument('command', tail),
  ]
  t.match(define(argv), { id: 'tool.use', failures: {}, stderrIsFailure: false, accepts: { stdin: false } })
  t.ok(define([argument('a', word(sequence(literal('-a')))), option('-b', 'b', mode)]))
})

t.test('a definition says what its guards are', async t => {
  const define = (...guards: object[]) => {
    const all = guards.map(guard => ({
      name: 'one',
      summary: 'One',
      settings: [],
      check: async () => undefined,
      ...guard,
    }))
    return defineCommand({
      id: 'tool.use',
      summary: 'Use',
      program: program('/usr/bin/tool'),
      argv: ['x'],
      guards: all,
    })
  }
  t.strictSame(define().guards, [])
  t.strictSame(
    define({}, { name: 'another-one' }).guards.map(({ name }) => name),
    ['one', 'another-one'],
  )
  const setting = (key: string) => ({ settings: [{ key, required: false, summary: 'A', schema: () => ({}) }] })
  for (const [problem, ...guards] of [
    [/is not a name of a guard/, { name: 'One' }],
    [/is not a name of a guard/, { name: 'one two' }],
    [/the guard one stands twice/, {}, {}],
    [/summary of the guard one/, { summary: 'a | b' }],
    [/toString is not a name of a setting/, setting('toString')],
    [/__proto__ is not a name of a setting/, setting('__proto__')],
    [/the setting pool stands twice/, setting('pool'), { name: 'two', ...setting('pool') }],
  ] as [RegExp, ...object[]][]) {
    t.throws(() => define(...guards), { code: 'PRIVEXEC_DEFINITION_INVALID', message: problem })
  }
})
