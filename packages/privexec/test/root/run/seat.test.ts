import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Order } from '../../../src/root/run/seat.ts'
import { startWarden } from '../../../src/root/warden.ts'
import { type Child, exitOf } from '../../../src/transport/child.ts'
import { listOf } from '../../support/link.ts'
import { holds } from '../../support/property.ts'
import { newDirectory, warden as path } from '../support/warden.ts'

/** A directory that takes what the warden writes to one of control groups. */
function newGroup(): string {
  const group = join(newDirectory(), '0')
  mkdirSync(group)
  return group
}

const group = newGroup()
const warden = startWarden('demo', path)
t.teardown(() => warden.close())
const pid = lastChildOf(process.pid)
/** Streams, answers, and the hold on this process. */
const descriptors = 5

function childrenOf(parent: number): number[] {
  const file = `/proc/${parent}/task/${parent}/children`
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number)
}

function lastChildOf(parent: number): number {
  return childrenOf(parent).at(-1) ?? 0
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(5)
}

async function start(argv: readonly string[], more: Partial<Order> = {}): Promise<Child> {
  const seat = await warden.prepare(group)
  return seat.start({ argv, env: { LC_ALL: 'C' }, hasInput: false, ...more })
}

/** Output and end of a program. */
async function see(child: Child) {
  child.stderr.resume()
  const [chunks, exit] = await Promise.all([listOf(child.stdout), exitOf(child)])
  return { stdout: Buffer.concat(chunks as Buffer[]).toString(), exit }
}

const run = async (...argv: string[]) => see(await start(argv))

t.test('the end of a program is told as it was, whatever status or signal it has', async s => {
  // Those that stop a process or are ignored end nothing.
  const harmless = ['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']
  const signals = Object.entries(constants.signals).filter(([name]) => !harmless.includes(name))
  const ending = fc.oneof(fc.nat(255), fc.constantFrom(...signals.map(([, number]) => -number)))
  const property = fc.asyncProperty(ending, async number => {
    const script = number < 0 ? `kill -${-number} $$` : `exit ${number}`
    const { exit } = await run('/bin/sh', '-c', script)
    if (number >= 0) return exit.exitCode === number && exit.signal === undefined
    return exit.exitCode === undefined && constants.signals[exit.signal ?? 'SIGCHLD'] === -number
  })
  await holds(s, property, { numRuns: 60, examples: [[0], [255], [-9], [-6]] })
  s.strictSame((await run('/bin/sh', '-c', 'kill -40 $$')).exit, { signal: 'SIG40' })
})

t.test('a program gets its argv and environment byte by byte', async s => {
  const text = fc.string({ unit: 'binary' }).filter(value => !value.includes('\0'))
  const words = fc.array(fc.oneof(text, fc.constantFrom('', ' ', '\n', '-', '"', "'", '$(id)', '\\')), { maxLength: 8 })
  const property = fc.asyncProperty(words, text, async (args, value) => {
    const child = await start(
      ['/usr/bin/perl', '-e', 'print join "\\0", @ARGV, $ENV{VALUE}, scalar keys %ENV', ...args],
      {
        env: { VALUE: value },
      },
    )
    const expected = [...args, value, '1'].map(each => each.toWellFormed()).join('\0')
    return (await see(child)).stdout === expected
  })
  await holds(s, property, { numRuns: 25, examples: [[['', 'a b', '\n', '='], 'a=b=c']] })
})

t.test('a long argv arrives whole', async s => {
  const long = 'x'.repeat(120_000)
  s.equal((await run('/bin/echo', '-n', long, long)).stdout, `${long} ${long}`)
})

t.test('a program finds what one started by Node finds: descriptors, session, signals, directory, mask', async s => {
  // What the runner of the tests leaves open is not closed by Node.
  const script = `perl -le 'print grep { -e "/proc/$$/fd/$_" } 0 .. 99'; grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status; pwd; umask; ulimit -a
    test "$(ps -o sid= -p $$ | tr -d ' ')" = $$ && echo leads; readlink /proc/$$/fd/0`
  const argv = ['-c', script]
  const child = spawn('/bin/sh', argv, { cwd: '/', env: {}, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const [expected] = await Promise.all([listOf(child.stdout), once(child, 'close')])
  const { stdout } = await run('/bin/sh', ...argv)
  s.equal(stdout, Buffer.concat(expected as Buffer[]).toString())
  s.match(stdout, /^012\nSig/)
  s.match(stdout, 'leads\n/dev/null\n')
})

t.test('input and output pass with back-pressure, and the end of the input is told', async s => {
  const child = await start(['/bin/cat'], { hasInput: true })
  const input = Buffer.alloc(3_000_000, 'abc')
  let isTaken = false
  child.stdin?.end(input, () => {
    isTaken = true
  })
  await wait(200)
  s.equal(isTaken, false, 'nobody reads yet')
  s.equal((await see(child)).stdout, input.toString())
  s.equal((await run('/bin/cat')).stdout, '', 'without input there is none')
})

t.test('a program may open its streams again, and learns that nobody reads', async s => {
  s.equal((await run('/bin/sh', '-c', 'echo again >/dev/stdout')).stdout, 'again\n')
  const child = await start(['/usr/bin/yes'])
  child.stdout.destroy()
  child.stderr.destroy()
  s.strictSame(await exitOf(child), { signal: 'SIGPIPE' })
})

t.test('what is no program is an error, and nothing runs', async s => {
  const file = join(newDirectory(), 'text')
  writeFileSync(file, 'text')
  chmodSync(file, 0o644)
  for (const [name, code] of [
    ['/nowhere', 'ENOENT'],
    [file, 'EACCES'],
  ] as const) {
    s.match((await run(name)).exit, { fault: { kind: 'start', cause: { code } } }, name)
  }
  s.match((await run('true')).exit, { exitCode: 64 }, 'a path that is not absolute')
  const seat = await warden.prepare(group)
  s.throws(() => seat.start({ argv: ['/bin/echo', 'a\0b'], env: {}, hasInput: false }), { name: 'TypeError' })
  seat.drop()
  await seat.gone
  await s.rejects(warden.prepare(join(group, 'missing', '0')), { message: /No such file/ })
})

t.test('many at once have their own ends, and leave no process and no descriptor', async s => {
  const look = () => [
    childrenOf(pid).length,
    readdirSync(`/proc/${pid}/fd`).length,
    readdirSync('/proc/self/fd').length,
  ]
  const before = [0, descriptors, look()[2]]
  const codes = Array.from({ length: 60 }, (_, at) => at)
  const ends = await Promise.all(codes.map(code => run('/bin/sh', '-c', `echo ${code}; exit ${code}`)))
  s.strictSame(
    ends,
    codes.map(code => ({ stdout: `${code}\n`, exit: { exitCode: code } })),
  )
  await until(() => look().every((count, at) => count <= (before[at] ?? 0)))
  s.pass('none is left')
})

t.test('one that waits is born in its group and ends without an order', async s => {
  const own = newGroup()
  const seat = await warden.prepare(own)
  s.equal(readFileSync(join(own, 'cgroup.threads'), 'utf8'), '0', 'the warden went there')
  s.equal(readFileSync(join(own, '../cgroup.threads'), 'utf8'), '0', 'and came back')
  s.equal(childrenOf(pid).length, 1)
  s.equal(seat.isGone, false)
  seat.drop()
  await seat.gone
  s.strictSame([seat.isGone, childrenOf(pid)], [true, []])
})

t.test('half an order starts nothing, and is no success', async s => {
  const own = spawn(path, ['demo', String(process.pid)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(own.stdout)[Symbol.asyncIterator]()
  const ask = (line: string) => own.stdin.write(`${line}\n`)
  const mark = join(newDirectory(), 'mark')
  const hex = (text: string) => Buffer.from(text).toString('hex')
  const whole = `0  ${hex(`/usr/bin/touch\0${mark}`)}\n`
  for (const [number, order] of [
    '',
    '\n',
    '0',
    whole.slice(0, -1),
    whole.slice(0, 20),
    `2${whole}`,
    `${whole}x`,
  ].entries()) {
    ask(`prepare ${number} ${hex(group)}`)
    const [, , , , , end] = String((await lines.next()).value).split(' ')
    const file = openSync(`/proc/${own.pid}/fd/${end}`, 'w')
    ask(`opened ${number}`)
    writeSync(file, order)
    closeSync(file)
    s.match((await lines.next()).value, new RegExp(`^exit ${number} (?!0$)`), JSON.stringify(order))
  }
  s.equal(existsSync(mark), false)
  ask('bye')
  own.stdin.end()
  await once(own, 'exit')
})

/** A process with a warden, of which two children wait and one has become a program. */
async function family(
  s: Test,
): Promise<{ parent: number; warden: number; children: number[]; ended: Promise<unknown> }> {
  const module = new URL('../../../src/root/warden.ts', import.meta.url).href
  const script = `const warden = (await import('${module}')).startWarden('demo', '${path}')
    for (let at = 0; at < 3; at++) globalThis[at] = await warden.prepare('${newGroup()}')
    globalThis[0].start({ argv: ['/bin/sleep', '4301'], env: {}, hasInput: true }).on('exit', (...end) => console.log(end))
    console.log('ready'); setTimeout(() => {}, 120_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  s.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const warden = childrenOf(child.pid ?? 0).find(each => childrenOf(each).length === 3) ?? 0
  const children = childrenOf(warden)
  await until(() => readFileSync(`/proc/${children[0]}/comm`, 'utf8') === 'sleep\n')
  return { parent: child.pid ?? 0, warden, children, ended: once(child.stdout, 'data').then(([text]) => String(text)) }
}

const runs = (child: number): boolean =>
  existsSync(`/proc/${child}/stat`) && !/\) Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8'))

t.test('when the broker is killed, those that wait end, and so does what they have become', async s => {
  const { parent, children } = await family(s)
  process.kill(parent, 'SIGKILL')
  await until(() => !children.some(runs))
  s.pass('nothing is left')
})

t.test('when the warden is killed, those that wait end, and the end of a program is unknown', async s => {
  const { warden, children, ended } = await family(s)
  process.kill(warden, 'SIGKILL')
  s.equal(await ended, '[ null, null ]\n')
  const [program = 0, ...waiting] = children
  await until(() => !waiting.some(runs))
  s.ok(runs(program), 'the one who started it has to end it')
  process.kill(program, 'SIGKILL')
})
