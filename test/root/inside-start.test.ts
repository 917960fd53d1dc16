import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { Allowed } from '../../packages/privexec/src/decide/decision.ts'
import type { Policy } from '../../packages/privexec/src/policy/policy.ts'
import { main } from '../../packages/privexec/src/root/main.ts'
import { rootTransport } from '../../packages/privexec/src/root/run/spawn.ts'
import { listen } from '../../packages/privexec/src/root/start/listen.ts'
import { noTrees } from '../../packages/privexec/src/root/tree.ts'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { prepareHost } from '../host/prepare.ts'
import { commands, forget, installInside, name } from './support/inside.ts'

// How root's side begins, and what it starts, within this process; each part alone.
prepareHost()
const policy: Policy = await installInside()
t.teardown(forget)

/** What is written to standard error while something is done. */
async function saidBy(action: () => unknown): Promise<string> {
  const written: string[] = []
  const stderr = mock.method(process.stderr, 'write', (text: string) => written.push(text) > 0)
  try {
    await action()
  } finally {
    stderr.mock.restore()
  }
  return written.join('')
}

t.test('the program serves a policy until it has nothing to do, and names what is wrong with one', async s => {
  const directory = process.cwd()
  s.teardown(() => process.chdir(directory))
  s.equal(await main(['--policy', name, '--idle', '1'], commands), 0)
  const said = await saidBy(async () => s.equal(await main(['--policy', 'absent'], commands), 66))
  s.match(said, /^privexecd: .*absent\.json.*PRIVEXEC_POLICY_UNREADABLE/)
})

/** A socket of a policy, and who connected; both end with the test. */
async function listening(
  s: Test,
  policy = name,
  groupId: number | undefined = 12,
): Promise<{ server: Server; taken: Socket[] }> {
  const taken: Socket[] = []
  const server = await listen(policy, groupId, socket => taken.push(socket))
  s.teardown(() => {
    for (const socket of taken) socket.destroy()
    server.close()
  })
  return { server, taken }
}

const facts = (path: string) => {
  const { uid, gid, mode } = statSync(path)
  return [uid, gid, (mode & 0o7777).toString(8)]
}

t.test('a socket is for root and the group alone, also where another one was, or another mode', async s => {
  const path = socketPath(name)
  rmSync('/run/privexec', { recursive: true, force: true })
  const { server } = await listening(s)
  s.strictSame(
    [facts(path), facts(dirname(path)), facts('/run/privexec')],
    [
      [0, 12, '660'],
      [0, 12, '750'],
      [0, 0, '755'],
    ],
  )
  server.close()
  const old = createServer().listen(path)
  await once(old, 'listening')
  s.teardown(() => old.close())
  chmodSync(dirname(path), 0o777)
  await listening(s, name, 13)
  s.strictSame(
    [facts(path), facts(dirname(path))],
    [
      [0, 13, '660'],
      [0, 13, '750'],
    ],
  )
})

t.test('connections come paused, and stay open when the client has said all', async s => {
  const { taken } = await listening(s)
  const client = connect({ path: socketPath(name), allowHalfOpen: true })
  client.end('request')
  await once(client, 'finish')
  while (taken.length === 0) await new Promise(resolve => setImmediate(resolve))
  const [socket] = taken
  await new Promise(resolve => setTimeout(resolve, 50))
  s.strictSame([socket?.bytesRead, socket?.isPaused()], [0, true])
  socket?.resume()
  await once(socket as Socket, 'end')
  s.ok(socket?.writable)
  client.destroy()
})

t.test('a connection that cannot be accepted ends nothing, and is told', async s => {
  const { server } = await listening(s)
  const said = await saidBy(() => server.emit('error', new Error('no descriptors')))
  s.match(JSON.parse(said), { message: 'a connection could not be accepted', error: /no descriptors/ })
})

t.test('without the group, or where something else stands, there is no socket', async s => {
  await s.rejects(
    listen(name, undefined, () => {}),
    { code: 'PRIVEXEC_PRINCIPAL_MISSING', message: new RegExp(name) },
  )
  const path = socketPath(name)
  rmSync(path, { force: true })
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  await s.rejects(
    listen(name, 0, () => {}),
    { code: 'PRIVEXEC_USAGE', message: /not a socket/ },
  )
  s.ok(existsSync(path), 'it is left alone')
  rmSync(path)
  const tooLong = `a${'b'.repeat(120)}`
  await s.rejects(
    listen(tooLong, 0, () => {}),
    { code: /^E/ },
    'what the kernel refuses',
  )
  rmSync(dirname(socketPath(tooLong)), { recursive: true, force: true })
})

const requestOf = (...argv: string[]): Allowed =>
  ({ command: { accepts: { stdin: true } }, argv, marker: `${name}-${'0'.repeat(32)}` }) as unknown as Allowed

t.test('an operation is ended by its marker where there are no control groups', async s => {
  const { stdout, stderr, exited, end } = await rootTransport(noTrees, 'daemon').start(
    requestOf('/bin/sleep', '600'),
    policy,
    { timeout: 60_000 },
  )
  for (const stream of [stdout, stderr]) stream.resume()
  s.strictSame(await end(), { complete: true, processes: 1 })
  s.match(await exited, { signal: /^SIG(?:TERM|KILL)$/ })
})

t.test('a program on a terminal has its size and every new one, and knows its kind', async s => {
  const next = Promise.withResolvers<void>()
  async function* sizes() {
    await next.promise
    yield { columns: 100, rows: 40 }
  }
  const script = 'stty size; echo $TERM; trap "stty size; exit 5" WINCH; while :; do sleep 0.05; done'
  const running = await rootTransport(noTrees, 'daemon').start(requestOf('/bin/sh', '-c', script), policy, {
    timeout: 60_000,
    terminal: { columns: 93, rows: 31, resizes: sizes() },
  })
  let said = ''
  running.stdout.on('data', chunk => {
    said += chunk
    if (said.includes('xterm')) next.resolve()
  })
  running.stderr.resume()
  s.strictSame(await running.exited, { exitCode: 5 })
  s.equal(said, '31 93\r\nxterm-256color\r\n40 100\r\n')
})

t.test('a terminal that never changes needs no sizes', async s => {
  const running = await rootTransport(noTrees, 'daemon').start(requestOf('/usr/bin/stty', 'size'), policy, {
    timeout: 60_000,
    terminal: { columns: 93, rows: 31 },
  })
  let said = ''
  running.stdout.on('data', chunk => {
    said += chunk
  })
  running.stderr.resume()
  s.strictSame(await running.exited, { exitCode: 0 })
  s.equal(said, '31 93\r\n')
})

t.test('a terminal that is gone needs no size', async s => {
  const ended = Promise.withResolvers<void>()
  async function* sizes() {
    await ended.promise
    for (let turn = 0; turn < 100; turn++) yield { columns: 100, rows: 40 }
  }
  const running = await rootTransport(noTrees, 'daemon').start(requestOf('/bin/true'), policy, {
    timeout: 60_000,
    terminal: { columns: 93, rows: 31, resizes: sizes() },
  })
  for (const stream of [running.stdout, running.stderr]) stream.resume()
  s.strictSame(await running.exited, { exitCode: 0 })
  ended.resolve()
  await new Promise(resolve => setTimeout(resolve, 50))
})
