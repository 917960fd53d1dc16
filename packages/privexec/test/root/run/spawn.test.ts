import { chmod, writeFile } from 'node:fs/promises'
import t from 'tap'
import type { Allowed } from '../../../src/decide/decision.ts'
import { rootTransport } from '../../../src/root/run/spawn.ts'
import { noTrees, type Trees } from '../../../src/root/tree.ts'
import { listOf } from '../../support/link.ts'
import { commandsWith, policyWith } from '../support/service.ts'

const policy = policyWith(commandsWith())
const options = { timeout: 60_000 }

const requestOf = (...argv: string[]): Allowed =>
  ({ command: { accepts: { stdin: true } }, argv, marker: 'sample-0123' }) as unknown as Allowed

/** Runs a program without control groups; its output and its end. */
async function run(...argv: string[]) {
  const running = await rootTransport(noTrees, 'daemon').start(requestOf(...argv), policy, options)
  running.stdin.end('input')
  const output = await listOf(running.stdout).catch(() => [])
  return { stdout: Buffer.concat(output as Buffer[]).toString(), exit: await running.exited }
}

t.test('a program gets its argv, its input, a marker, and nothing of the environment of this process', async s => {
  process.env.PRIVEXEC_TEST_SECRET = 'secret'
  const { stdout, exit } = await run('/bin/sh', '-c', 'cat; echo; pwd; env | sort; echo "$1"', 'sh', 'a b')
  s.strictSame(exit, { exitCode: 0 })
  const [input, directory, ...rest] = stdout.trim().split('\n')
  s.strictSame([input, directory, rest.pop()], ['input', '/', 'a b'])
  s.ok(rest.includes('PRIVEXEC_OPERATION=sample-0123') && rest.includes('LC_ALL=C'))
  // The runner of the tests adds names of its own to every child.
  s.strictSame(
    rest.filter(line => /^(?:HOME|USER|TERM|PRIVEXEC_TEST)/.test(line)),
    [],
  )
})

t.test('a program that is missing is told from one for which there is no room', async s => {
  s.strictSame((await run('/nowhere/tool')).exit, { fault: { kind: 'missing', program: '/nowhere/tool' } })
  const file = `${s.testdir({})}/tool`
  await writeFile(file, 'text')
  await chmod(file, 0o644)
  s.match((await run(file)).exit, { fault: { kind: 'missing', program: file } })
  const tooLong = await run('/bin/true', 'x'.repeat(3_000_000)).catch(error => error)
  s.equal(tooLong.code, 'E2BIG', 'and from one that cannot begin with this argv: nothing was started')
})

t.test('a transport has its name, and terminals', async s => {
  const { name, hasTerminals } = rootTransport(noTrees, 'portable')
  s.strictSame([name, hasTerminals], ['portable', true])
})

t.test('a tree in which nothing could be started is given back', async s => {
  let released = 0
  const trees: Trees = { ...noTrees, take: () => ({ ...noTrees.take(), release: () => released++ }) }
  const request = requestOf('/bin/true', 'x'.repeat(3_000_000))
  await s.rejects(rootTransport(trees, 'daemon').start(request, policy, options), { code: 'E2BIG' })
  s.equal(released, 1)
})

t.test('what a program leaves behind is ended before its end is told, and the tree is given back', async s => {
  const events: string[] = []
  const trees: Trees = {
    ...noTrees,
    take: () => ({
      within: start => {
        events.push('within')
        return start()
      },
      kill: async () => {
        await new Promise(resolve => setTimeout(resolve, 20))
        events.push('kill')
        return 1
      },
      release: () => events.push('release'),
    }),
  }
  const running = await rootTransport(trees, 'daemon').start(requestOf('/bin/true'), policy, options)
  running.stdout.resume()
  running.stderr.resume()
  running.stdin.end()
  s.strictSame(await running.exited, { exitCode: 0 })
  s.strictSame(events, ['within', 'kill', 'release'])
})

t.test('an operation that is ended is ended in its tree, and by its marker', async s => {
  const trees: Trees = { ...noTrees, take: () => ({ ...noTrees.take(), kill: async () => 7 }) }
  const { stdout, stderr, stdin, exited, end } = await rootTransport(trees, 'daemon').start(
    requestOf('/bin/cat'),
    policy,
    options,
  )
  stdout.resume()
  stderr.resume()
  // Where the program that looks for markers is installed, it finds this one.
  s.ok((await end()).processes >= 7)
  stdin.end()
  await exited
})
