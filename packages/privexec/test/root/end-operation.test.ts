import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const program = fileURLToPath(new URL('../../libexec/end-operation', import.meta.url))

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Names that no other test has. */
const newPolicy = (): string => `test_${randomBytes(6).toString('hex')}`
const newId = (): string => randomBytes(16).toString('hex')

const children: ChildProcess[] = []
t.teardown(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a script with a marker; it says when it is ready. */
async function start(
  marker: string,
  script = 'echo; exec sleep 60',
  name = 'PRIVEXEC_OPERATION',
): Promise<ChildProcess> {
  const env = { PATH: '/usr/bin:/bin', [name]: marker }
  const child = spawn('/bin/sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

const hasEnded = async (child: ChildProcess): Promise<string | null> => {
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
  return child.signalCode
}
const isRunning = (child: ChildProcess): boolean => {
  const { stdout } = spawnSync('/usr/bin/ps', ['-o', 'stat=', '-p', String(child.pid)], { encoding: 'utf8' })
  return stdout !== '' && !stdout.startsWith('Z')
}

t.test('all operations of a policy are ended, those of others are not', async s => {
  const policy = newPolicy()
  const own = await Promise.all([1, 2, 3].map(() => start(`${policy}-${newId()}`)))
  const others = await Promise.all([
    start(`${policy}_x-${newId()}`),
    start(`x${policy}-${newId()}`),
    start(`${policy}-${newId()}0`),
    start(`${policy}-${newId().slice(1)}`),
    start(`${policy}-${newId()}`, undefined, 'X_PRIVEXEC_OPERATION'),
  ])
  s.strictSame(run('--policy', policy), { status: 0, stdout: '3\n', stderr: '' })
  for (const child of own) s.equal(await hasEnded(child), 'SIGKILL')
  for (const child of others) s.ok(isRunning(child), String(others.indexOf(child)))
  s.strictSame(run('--policy', policy), { status: 0, stdout: '0\n', stderr: '' })
})

t.test('processes without the marker that descend from one with it are ended too', async s => {
  const policy = newPolicy()
  const child = await start(
    `${policy}-${newId()}`,
    'trap "" TERM; env -i setsid sleep 60 & env -i setsid sleep 60 & echo; wait',
  )
  s.equal(run('--policy', policy).stdout, '3\n')
  await hasEnded(child)
})

t.test('one operation is ended by its marker, and no other of its policy', async s => {
  const policy = newPolicy()
  const markers = [`${policy}-${newId()}`, `${policy}-${newId()}`] as const
  const [one, other, longer, another] = await Promise.all([
    start(markers[0]),
    start(markers[1]),
    start(`${markers[0]}0`),
    start(markers[0], undefined, 'X_PRIVEXEC_OPERATION'),
  ])
  s.strictSame(run(markers[0]), { status: 0, stdout: '1\n', stderr: '' })
  s.equal(await hasEnded(one), 'SIGKILL')
  for (const child of [other, longer, another]) s.ok(isRunning(child))
  s.equal(run(markers[1]).stdout, '1\n')
})

t.test('operations that begin while a policy is ended, by a new broker, go on', async s => {
  const policy = newPolicy()
  // Marked, it keeps the program busy: whenever it is killed, its parent, which is not, starts another.
  const breeder = spawn(
    '/bin/sh',
    ['-c', 'while :; do PRIVEXEC_OPERATION="$0" sleep 60; done', `${policy}-${newId()}`],
    { stdio: 'ignore', detached: true },
  )
  children.push(breeder)
  const ending = spawn(program, ['--policy', policy], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(ending, 'exit')
  await new Promise(resolve => setTimeout(resolve, 1000))
  const late = await start(`${policy}-${newId()}`)
  await new Promise(resolve => setTimeout(resolve, 300))
  breeder.kill('SIGKILL')
  await ended
  s.equal(ending.exitCode, 0)
  s.ok(isRunning(late))
  s.equal(run('--policy', policy).stdout, '1\n')
})

t.test('what is no marker and no name of a policy is refused', async s => {
  const id = newId()
  const wrong = [
    [],
    [''],
    ['--policy'],
    ['--policy', ''],
    ['--policy', 'a-b'],
    ['--policy', 'A'],
    ['--policy', '.*'],
    ['--policy', 'a', 'b'],
    ['--policy', `a-${id}`],
    [`--policy-${id}`],
    [`a-${id}`, 'b'],
    [`a-${id}0`],
    [`a-${id.slice(1)}`],
    [`a-b-${id}`],
    [`-${id}`],
    [id],
    [`a\n-${id}`],
    [`a-${id}\n`],
    ['policy', 'a'],
  ]
  for (const args of wrong) s.strictSame(run(...args), { status: 64, stdout: '', stderr: '' }, args.join(' '))
})
