import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { descriptorOf, startWarden } from '../../src/root/warden.ts'
import { client, newDirectory, pausedServer, programAt, warden, wardenBesideRecorder } from './support/warden.ts'

const isRoot = process.getuid?.() === 0
const refused = { code: 'PRIVEXEC_PEER_REFUSED' }

/** A server with a warden of this tree; both end with the test. */
async function scene(s: Test) {
  const socketPath = join(newDirectory(), 'socket')
  const { server, next } = await pausedServer(socketPath)
  const started = startWarden('demo', warden)
  const sockets: Socket[] = []
  s.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await started.close()
  })
  const accept = async () => {
    const [near, far] = await Promise.all([next(), client(socketPath)])
    sockets.push(near, far)
    return { near, far }
  }
  return { warden: started, accept, next, socketPath, sockets }
}

const me = { pid: process.pid, uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }

/** Waits until something is so; a test that waits in vain runs into tap's own limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(20)
}

const childOf = (parent: number): number =>
  Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').at(-1))

/** Whether a warden has come as far as to watch its parent. */
const holdsParent = (pid: number): boolean => descriptorsOf(pid).includes('anon_inode:[pidfd]')

function descriptorsOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  if (!existsSync(directory)) return []
  return readdirSync(directory).flatMap(fd => {
    try {
      return [readlinkSync(join(directory, fd))]
    } catch {
      return []
    }
  })
}

t.test('the peer of a socket is the process that connected it', async s => {
  const { warden, accept } = await scene(s)
  const { near } = await accept()
  s.strictSame(await warden.peer(near), me)
})

t.test('the credentials are those of the moment of connecting', { skip: !isRoot && 'needs root' }, async s => {
  const { warden, next, socketPath, sockets } = await scene(s)
  const script = `use Socket; socket my $s, PF_UNIX, SOCK_STREAM, 0; $) = '65533 65533'; $> = 65534;
    connect $s, pack_sockaddr_un($ARGV[0]) or die; $> = 0; $| = 1; print 'there'; sleep 60`
  const program = spawn('/usr/bin/perl', ['-e', script, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] })
  s.teardown(() => program.kill('SIGKILL'))
  await once(program.stdout, 'data')
  const near = await next()
  sockets.push(near)
  s.strictSame(await warden.peer(near), { pid: program.pid, uid: 65534, gid: 65533 })
})

t.test('many questions at once have their own answers, and leave no descriptor in the warden', async s => {
  const { warden, accept } = await scene(s)
  const { near: first } = await accept()
  await warden.peer(first)
  const pid = childOf(process.pid)
  const before = readdirSync(`/proc/${pid}/fd`).length
  const pairs = await Promise.all(Array.from({ length: 100 }, accept))
  const answers = await Promise.all(pairs.map(({ near }) => warden.peer(near)))
  s.strictSame(new Set(answers.map(answer => JSON.stringify(answer))), new Set([JSON.stringify(me)]))
  s.equal(readdirSync(`/proc/${pid}/fd`).length, before)
})

t.test('the warden has its streams and its hold on the parent, and nothing of the world around', async s => {
  const module = new URL('../../src/root/warden.ts', import.meta.url).href
  const script = `const warden = (await import('${module}')).startWarden('demo', '${warden}')
    await warden.notify('READY=1').catch(() => console.log(process.pid)); process.stdin.resume().on('end', () => warden.close())`
  const args = ['-c', 'exec 8</dev/null 30</dev/null; exec "$0" --input-type=module -e "$1"', process.execPath, script]
  const env = { SECRET: 'x', PERL5LIB: '/nowhere' }
  const parent = spawn('/bin/bash', args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const pid = childOf(Number((await once(parent.stdout, 'data'))[0]))
  const kinds = descriptorsOf(pid)
  s.match(kinds, [/^socket:/, /^socket:/, '/dev/null', /^socket:/, 'anon_inode:[pidfd]'])
  s.equal(kinds[3], kinds[1], 'its answers')
  s.equal(kinds.length, 5)
  const [, group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) \S /s, '')
    .split(' ')
    .map(Number)
  s.strictSame([group, session], [pid, pid], 'a signal to the group of the parent does not reach it')
  s.notMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /SECRET|PERL5LIB/)
  parent.stdin.end()
  await once(parent, 'exit')
})

t.test('a socket that is closed before the answer comes has no peer, whoever has its descriptor then', async s => {
  const { warden, accept } = await scene(s)
  const { near } = await accept()
  const fd = descriptorOf(near)
  const answer = warden.peer(near)
  near.destroy()
  const file = openSync('/dev/null', 'r')
  s.teardown(() => closeSync(file))
  s.equal(file, fd, 'the descriptor is taken again')
  await s.rejects(answer, refused)
  s.equal(descriptorOf(near), undefined)
  await s.rejects(warden.peer(near), refused)
})

t.test('an answer about another socket than the one asked about is refused', async s => {
  const answers = ['peer $fd 1 1 0 0', 'peer 0 $inode 1 0 0', 'peer $fd error x', 'notified', '']
  const { accept } = await scene(s)
  const { near } = await accept()
  for (const answer of answers) {
    const script = `#!/bin/bash\nread -r word fd; inode=$(stat -Lc %i /proc/$PPID/fd/$fd); echo "${answer}"; exec sleep 60`
    const liar = startWarden('demo', programAt(join(newDirectory(), 'liar'), script), 200)
    await s.rejects(liar.peer(near), refused, answer)
    await liar.close()
  }
})

t.test('a socket of another family has no peer', async s => {
  const { warden } = await scene(s)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const far = connect(port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  s.teardown(() => {
    for (const socket of [near, far]) socket.destroy()
    server.close()
  })
  await s.rejects(warden.peer(near), { ...refused, message: /not a unix socket/ })
})

t.test('when the warden is killed, waiting and later questions are refused', async s => {
  const { warden, accept } = await scene(s)
  const { near } = await accept()
  const pid = childOf(process.pid)
  process.kill(pid, 'SIGSTOP')
  const waiting = warden.peer(near)
  process.kill(pid, 'SIGKILL')
  await s.rejects(waiting, refused)
  await warden.died
  await s.rejects(warden.peer(near), refused)
  await s.rejects(warden.notify('READY=1'))
})

t.test('a warden that is silent is taken for dead', async s => {
  const { accept } = await scene(s)
  const { near } = await accept()
  const silent = startWarden('demo', programAt(join(newDirectory(), 'silent'), '#!/bin/sh\nexec sleep 60'), 50)
  await s.rejects(silent.peer(near), refused)
  await silent.died
})

t.test('a warden that answers one question after the other is not silent, however many there are', async s => {
  const slow = '#!/bin/sh\nwhile read -r line; do sleep 0.2; echo notified; done'
  const started = startWarden('demo', programAt(join(newDirectory(), 'slow'), slow), 1000)
  await s.resolves(Promise.all(Array.from({ length: 8 }, () => started.notify('READY=1'))))
  await started.close()
})

t.test('an answer that came while this process was busy is no silence', async s => {
  const prompt = '#!/bin/sh\nwhile read -r line; do echo notified; done'
  const started = startWarden('demo', programAt(join(newDirectory(), 'prompt'), prompt), 300)
  const answer = started.notify('READY=1')
  for (const began = performance.now(); performance.now() - began < 1000; );
  await s.resolves(answer)
  await started.close()
})

t.test('a warden that is not there refuses everything', async s => {
  const { accept } = await scene(s)
  const { near } = await accept()
  const missing = startWarden('demo', '/nowhere/warden')
  await s.rejects(missing.peer(near), refused)
  await missing.died
  await missing.close()
})

t.test('the service manager is told, by a path and by an abstract name', async s => {
  const receiver = `use Socket; socket my $s, PF_UNIX, SOCK_DGRAM, 0; (my $n = $ARGV[0]) =~ s/^@/\\0/;
    bind $s, pack_sockaddr_un($n) or die; $| = 1; print 'bound'; recv $s, my $got, 4096, 0; print $got`
  for (const name of [join(newDirectory(), 'notify'), `@privexec-test-${process.pid}`]) {
    const program = spawn('/usr/bin/perl', ['-e', receiver, name], { stdio: ['ignore', 'pipe', 'inherit'] })
    s.teardown(() => program.kill('SIGKILL'))
    await once(program.stdout, 'data')
    process.env.NOTIFY_SOCKET = name
    const started = startWarden('demo', warden)
    delete process.env.NOTIFY_SOCKET
    const heard = once(program.stdout, 'data')
    await started.notify('STATUS=two operations')
    s.equal(String((await heard)[0]), 'STATUS=two operations')
    await started.close()
  }
})

t.test('a notification is one line, and without a service manager it is an error', async s => {
  const { warden } = await scene(s)
  await s.rejects(warden.notify('READY=1\nbye'), { name: 'TypeError' })
  await s.rejects(warden.notify('READY=1'), { message: /no NOTIFY_SOCKET/ })
})

t.test('after a farewell nothing is ended, and the warden does not count as dead', async s => {
  const { path, called } = wardenBesideRecorder()
  const started = startWarden('demo', path)
  let isDead = false
  void started.died.then(() => {
    isDead = true
  })
  const pid = childOf(process.pid)
  await started.close()
  s.equal(existsSync(`/proc/${pid}`), false)
  s.equal(existsSync(called), false)
  s.equal(isDead, false)
})

t.test(
  'when the parent is killed, the operations of its policy are ended, although the warden was told to stop',
  async s => {
    const { path, called } = wardenBesideRecorder()
    const module = new URL('../../src/root/warden.ts', import.meta.url).href
    const script = `(await import('${module}')).startWarden('demo_2', '${path}'); console.log('started'); setInterval(() => {}, 1e6)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(parent.stdout, 'data')
    const pid = childOf(parent.pid ?? 0)
    await until(() => holdsParent(pid))
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.kill(pid, signal)
    parent.kill('SIGKILL')
    await until(() => existsSync(called))
    s.equal(readFileSync(called, 'utf8'), '--policy demo_2\n')
  },
)

t.test('the death of a parent is noticed although somebody else holds the pipe from it', async s => {
  const { path, called } = wardenBesideRecorder()
  // Opened to read and write, the pipe never ends.
  const script = `mkfifo "$1"; exec 9<>"$1"; "$0" demo $$ <&9 & read -r _; kill -KILL $$`
  const args = ['-c', script, path, join(newDirectory(), 'pipe')]
  const parent = spawn('/bin/bash', args, { stdio: ['pipe', 'ignore', 'ignore'] })
  await until(() => holdsParent(childOf(parent.pid ?? 0)))
  parent.stdin.write('\n')
  await until(() => existsSync(called))
  s.equal(readFileSync(called, 'utf8'), '--policy demo\n')
})

t.test('a parent that died before the warden looked is noticed', async s => {
  const { path, called } = wardenBesideRecorder()
  // The pipe to it stays open, and process 1 is there, but not its parent.
  await once(spawn(path, ['demo', '1'], { stdio: ['pipe', 'ignore', 'ignore'] }), 'exit')
  s.equal(readFileSync(called, 'utf8'), '--policy demo\n')
})

t.test('what is not a line of the parent, or not a policy, ends it at once', async s => {
  const run = (args: string[], input = ''): number | null =>
    spawnSync(warden, args, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status
  const lines = [
    'hello\n',
    'peer x\n',
    'peer 1 2\n',
    'notify \t\n',
    'peer -1\n',
    ' bye\n',
    'x'.repeat(5000),
    'opened\n',
    'prepare 1\n',
    'prepare 1 \n',
    'prepare 1 2F\n',
    'prepare x 2f\n',
  ]
  for (const line of lines) s.equal(run(['demo', String(process.pid)], line), 64, line)
  for (const args of [[], ['demo'], ['../x', '1'], ['demo', '0'], ['demo', '1', '2'], ['demo\n', '1']]) {
    s.equal(run(args), 64, args.join(' '))
  }
  s.equal(run(['demo', String(process.pid)], 'bye\n'), 0)
})
