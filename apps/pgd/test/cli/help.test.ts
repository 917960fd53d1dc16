import t from 'tap'
import { groups, nameOf } from '../../src/cli/groups.ts'
import { exits, firstPage } from '../../src/cli/help.ts'
import { runProgram } from '../../src/cli/program.ts'
import { errorRegistry } from '../../src/errors/registry.ts'
import { written } from './support.ts'

const page = firstPage()

t.test('the first page of help has every command with what it does', async s => {
  for (const { command, describe } of groups) {
    s.ok(
      page.split('\n').some(line => line.startsWith(`  ${command} `) && line.endsWith(`  ${describe}`)),
      command,
    )
  }
})

t.test('no line of it is wider than a terminal', async s => {
  for (const line of page.split('\n')) s.ok(line.length <= 100, line)
})

t.test('exit statuses on it are those of the registry, and no other', async s => {
  const listed = [...exits.matchAll(/(?<![\w])(\d+)\s[a-z]/g)].map(([, status]) => Number(status))
  const real = new Set(Object.values(errorRegistry).map(({ exit }) => exit))
  s.strictSame(
    listed.toSorted((a, b) => a - b),
    [0, ...real].toSorted((a, b) => a - b),
  )
})

t.test('it and the parser of command lines know the same options', async s => {
  const { value, stdout } = await written(() => runProgram(['status', '--help']))
  s.equal(value, 0)
  const flags = (text: string) =>
    [...text.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name = '']) => name.replace(/^no-/, ''))
  const parsed = new Set(flags(stdout))
  const told = flags(page).filter(name => name !== 'version')
  s.ok(told.length > 5)
  s.strictSame([...parsed].toSorted(), told.toSorted())
})

t.test('a command line that is not known is refused, with the exit status for it', async s => {
  for (const words of [
    [],
    ['no-such'],
    ['status', 'more'],
    ['status', '--no-such'],
    ['branch'],
    ['branch', 'no-such'],
    // To yargs the name of all positionals.
    ...['-_', '-q_', '-_=shop', '--_=shop', '--_', '--no-_'].map(word => ['project', 'create', word]),
  ]) {
    const { value, stdout, stderr } = await written(() => runProgram([...words, '--json']))
    s.equal(value, 64, words.join(' '))
    s.equal(stdout, '')
    s.equal(JSON.parse(stderr).error.code, 'PGD_USAGE')
  }
  const twice = await written(() => runProgram(['status', '--timeout', '1s', '--timeout', '2s']))
  s.match(twice, { value: 64, stderr: /--timeout is given twice/ })
})

t.test('each command is loaded from a module that says the same of itself', async s => {
  for (const group of groups) {
    const { verb } = (await group.load()) as { readonly verb: { readonly command: string } }
    s.ok([group.command, nameOf(group)].includes(verb.command), group.command)
  }
  s.equal(new Set(groups.map(nameOf)).size, groups.length)
})
