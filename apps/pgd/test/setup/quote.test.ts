import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../packages/privexec/test/support/property.ts'
import { quote } from '../../src/setup/quote.ts'
import { scriptOf } from '../../src/setup/script.ts'
import type { Argv } from '../../src/setup/step.ts'

// NUL ends a word for the kernel already; a lone surrogate has no UTF-8.
const word = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'\'"\\$`!#~*?[]{}()<>|&;= \t\n-a0') }),
  fc.constantFrom('', '-n', 'a=b', '=x', '~root', "'", "''", '$(id)', '\n', '\\', '#'),
)
const words = fc.array(
  word.filter(text => !text.includes('\0')),
  { minLength: 1, maxLength: 8 },
)

/** Program that prints its arguments as JSON. */
const echo = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--']

t.test('sh reads a quoted word as it was', async s => {
  await holds(
    s,
    fc.property(words, all => {
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${all.map(quote).join(' ')}`], {
        encoding: 'utf8',
      })
      return stdout === all.map(one => `${one}\0`).join('')
    }),
    { numRuns: 150 },
  )
})

const step = (commands: readonly Argv[], wasDone = false) => ({
  ...{ title: 'a thing', why: 'it is\nneeded', commands, wasDone },
  isDone: async () => wasDone,
})

t.test('a script does what the steps say, with content of files and all', async s => {
  const strange = ["it's", '$HOME', 'a\nb', '-x', '']
  const text = "line 1\n'quoted' $HOME \\n\n"
  const cat = `process.stdout.write(require('fs').readFileSync(process.argv[1], 'utf8'))`
  const script = scriptOf([
    step([['/bin/false']], true),
    step([
      [...echo, ...strange],
      [process.execPath, '-e', cat, { name: 'x.yaml', text }],
    ]),
  ])
  const { status, stdout, stderr } = spawnSync('/bin/sh', { input: script, encoding: 'utf8' })
  s.equal(stderr, '')
  s.equal(status, 0)
  s.equal(stdout, JSON.stringify(strange) + text)
})

t.test('a script stops at the first failure', async s => {
  const script = scriptOf([step([['/bin/false'], ['/bin/echo', 'after']])])
  s.match(spawnSync('/bin/sh', { input: script, encoding: 'utf8' }), { status: 1, stdout: '' })
})
