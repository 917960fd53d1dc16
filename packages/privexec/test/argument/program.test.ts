import t from 'tap'
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

t.test('no policy narrows the program, which sudo could not enforce', async t => {
  t.equal(type.bound, undefined)
})
