import t from 'tap'
import { z } from 'zod'
import { programAndArguments } from '../../src/argument/program.ts'
import { matches, oddValues, problemWith } from '../support/field.ts'
import { checkRefusal } from '../support/words.ts'

const type = programAndArguments()
const longest = 3825

t.test('a line is a program and arguments of printable ASCII', async t => {
  for (const line of [
    ...[
      ['ls'],
      ['/usr/bin/env', ''],
      ['sh', '-c', 'echo "$HOME" | cat; exit 1'],
      ['a', ' ', '', '  '],
      ['printf', '%s\\n', '~'],
    ],
    ...[['a', 'x'.repeat(longest)], ['a', ...Array(longest + 1).fill('')], ['b'.repeat(128)], ['g++', '-o', '--', '*']],
  ]) {
    t.equal(problemWith(type, line), undefined, JSON.stringify(line).slice(0, 60))
    t.ok(matches(type, line.join(' ')), 'and so does the pattern')
    t.strictSame(type.read(type.spell(line as never, { marker: '', stagedFile: '' })), line, 'spelled as it is')
  }
})

t.test('a program that is an option or an assignment, and an argument with anything else, are refused', async t => {
  for (const line of [
    ...[
      ['-c'],
      ['--'],
      ['LD_PRELOAD=/x', 'sh'],
      ['A=b'],
      ['.'],
      ['a b'],
      [''],
      ['b'.repeat(129)],
      ['sh;id'],
      ['$(id)'],
      ['лс'],
    ],
    ...[
      ['a', 'x'.repeat(longest + 1)],
      ['a', ...Array(longest + 2).fill('')],
      ['a', 'é'],
      ['a', '\ud800'],
      ['a', '\u{1f600}'],
    ],
    ...[
      ['a', 'b\nc'],
      ['a', 'b\0'],
      ['a', '\x1b'],
      ['a', '\t'],
      ['a', '\x7f'],
      ['a', '\u00a0'],
      ['a', 'b', '\r'],
    ],
  ]) {
    checkRefusal(t, type, line)
    if (line[0] !== 'a b') t.notOk(matches(type, line.join(' ')), 'and so does the pattern')
  }
  for (const value of [
    ...oddValues,
    'ls',
    { 0: 'ls', length: 1 },
    [['ls']],
    [Object('ls')],
    ['ls', 1],
    ['ls', null],
    new Array(2),
  ]) {
    checkRefusal(t, type, value)
  }
})

t.test('a policy narrows the program to a list, and cannot widen a definition', async t => {
  const narrowed = programAndArguments(['apt-get', '/usr/bin/systemctl'])
  for (const line of [['apt-get', 'update'], ['/usr/bin/systemctl']]) t.equal(problemWith(narrowed, line), undefined)
  for (const line of [['apt-get2'], ['apt'], ['/bin/apt-get'], ['systemctl'], ['apt-get update']])
    checkRefusal(t, narrowed, line)
  t.notOk(matches(narrowed, 'apt-getx') || matches(narrowed, 'xapt-get'))
  const schema = type.bound?.schema(z)
  for (const bad of [[], ['-a'], ['a b'], ['a=b'], ['a\n'], 'ls', Array(17).fill('a')])
    t.notOk(schema?.safeParse(bad).success)
  t.throws(() => narrowed.bound?.narrow(['sh'] as never), { code: 'PRIVEXEC_POLICY_INVALID' })
  t.ok(narrowed.bound?.narrow(['apt-get'] as never))
})
