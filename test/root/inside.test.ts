import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { stagingDirectory } from '../../packages/privexec/src/argument/staged-content.ts'
import { intentRecord } from '../../packages/privexec/src/audit/record.ts'
import { openAudit } from '../../packages/privexec/src/audit/writer.ts'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { eventually } from '../attacks/support/processes.ts'
import { prepareHost } from '../host/prepare.ts'
import {
  auditFile,
  call,
  childrenOf,
  forget,
  installInside,
  makeAuditDirectory,
  name,
  records,
  request,
  scriptOf,
  startInside,
} from './support/inside.ts'

// `privexecd` within this process, so that a change of its sources can be switched on; test/root/operations.test.ts has
// the whole program.
const unclean = join(dirname(auditFile), 'unclean')
const group = (): string => readFileSync('/proc/self/cgroup', 'utf8')
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)
prepareHost()
await installInside()
t.teardown(forget)

t.test('a broker serves, and ends in good order at a signal', async s => {
  const before = group()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const broker = await startInside()
    s.equal(readFileSync(unclean, 'utf8'), `${process.pid}\n`, 'it says that it runs')
    s.equal(modeOf(unclean), '600')
    s.strictSame([modeOf(socketPath(name)), modeOf(dirname(socketPath(name)))], ['660', '750'])
    s.not(group(), before, 'operations have control groups')
    const { json, closed } = await call([request()])
    const { operation } = await json('accepted')
    await json('started')
    s.match(await json('outcome'), { exitCode: 0, ended: true, recorded: true })
    await closed
    const mine = records().filter(({ event }) => event.id === operation)
    s.match(mine, [{ user: { name: 'root' }, process: { parent: { pid: process.pid } } }, {}])
    s.equal(childrenOf('warden').length, 1)
    broker.signal(signal)
    await broker.ended
    s.equal(broker.journal(), '')
    s.strictSame([existsSync(unclean), childrenOf('warden'), group()], [false, [], before])
    s.notOk(existsSync(socketPath(name)))
  }
})

t.test('a signal ends what runs, its caller learns it, and all of it is recorded', async s => {
  scriptOf('echo begun; exec sleep 600')
  const broker = await startInside()
  const { json, bytes } = await call([request('test.script')])
  await json('accepted')
  await json('started')
  await bytes('stdout')
  broker.signal('SIGTERM')
  s.match(await json('outcome'), { interruption: 'stopped', ended: true, recorded: true })
  await broker.ended
  s.match(records().at(-1), { event: { type: ['end'], code: 'PRIVEXEC_DAEMON_UNAVAILABLE' } })
})

t.test('when its warden dies the broker ends, and says why', async s => {
  const broker = await startInside()
  for (const pid of childrenOf('warden')) process.kill(pid, 'SIGKILL')
  await broker.ended
  s.match(JSON.parse(broker.journal()), { message: /^the warden has ended/ })
})

t.test('the service manager is told of the beginning and of the end', async s => {
  const receiver = `use Socket; socket my $s, PF_UNIX, SOCK_DGRAM, 0; bind $s, pack_sockaddr_un("\\0$ARGV[0]") or die;
    $| = 1; print "bound\\n"; while (defined recv $s, my $got, 4096, 0) { print "$got\\n" }`
  const manager = spawn('/usr/bin/perl', ['-e', receiver, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  s.teardown(() => manager.kill('SIGKILL'))
  const heard: string[] = []
  manager.stdout.on('data', (chunk: Buffer) => heard.push(...chunk.toString().split('\n').filter(Boolean)))
  await once(manager.stdout, 'data')
  process.env.NOTIFY_SOCKET = `@${name}`
  const broker = await startInside()
  s.ok(await eventually(() => heard.length === 2))
  broker.signal('SIGTERM')
  await broker.ended
  delete process.env.NOTIFY_SOCKET
  s.ok(await eventually(() => heard.length === 3))
  s.strictSame(heard, ['bound', 'READY=1', 'STOPPING=1'])
})

t.test('the records go on in a new file when the old one was moved away, and it is said when they cannot', async s => {
  const broker = await startInside()
  renameSync(auditFile, `${auditFile}.1`)
  broker.signal('SIGHUP')
  s.ok(await eventually(() => existsSync(auditFile)))
  s.equal(broker.journal(), '')
  renameSync(dirname(auditFile), `${dirname(auditFile)}.away`)
  broker.signal('SIGHUP')
  s.ok(await eventually(() => broker.journal() !== ''))
  s.match(JSON.parse(broker.journal()), { message: 'audit not reopened', error: /audit/i })
  renameSync(`${dirname(auditFile)}.away`, dirname(auditFile))
  broker.signal('SIGTERM')
  await broker.ended
})

t.test('what an earlier broker left is put in order: its operations, its content, its socket', async s => {
  makeAuditDirectory()
  const log = await openAudit({ file: auditFile })
  const facts = (operation: string) => ({
    operation,
    command: 'test.nothing',
    policy: { name, hash: 'x' },
    transport: 'daemon',
    principal: { uid: 1, name: 'daemon' },
  })
  const lost = ['a', 'b'].map(digit => digit.repeat(32))
  for (const operation of lost) await log.append(intentRecord(facts(operation)), { until: 'durable' })
  await log.close()
  const clean = await startInside()
  s.equal(clean.journal(), '', 'without the mark, an operation may be of somebody else')
  clean.signal('SIGTERM')
  await clean.ended
  writeFileSync(unclean, '1\n')
  const content = 'c'.repeat(32)
  const others = [`${content}d`, `x${content}`, 'kept']
  for (const file of [content, ...others]) writeFileSync(join(stagingDirectory(name), file), '')
  const broker = await startInside()
  s.match(JSON.parse(broker.journal()), { message: /an earlier process/, recovered: 2 })
  s.strictSame(readdirSync(stagingDirectory(name)).sort(), others.sort())
  const recovered = records().filter(({ event, labels }) => lost.includes(event.id) && labels.recovered)
  const end = { code: 'PRIVEXEC_STATUS_LOST', type: ['end'], outcome: 'unknown', action: 'test.nothing' }
  for (const [at, id] of lost.entries()) {
    s.match(recovered[at], { event: { ...end, id }, user: { id: '0', name: 'root' }, labels: { ended: true } })
  }
  broker.signal('SIGTERM')
  await broker.ended
})

t.test('without a place for content there is none to clear', async s => {
  forget()
  makeAuditDirectory()
  writeFileSync(unclean, '1\n')
  const broker = await startInside()
  s.equal(broker.journal(), '')
  broker.signal('SIGTERM')
  await broker.ended
  await installInside()
})

t.test('a broker without an idle time stays', async s => {
  const broker = await startInside()
  let isOver = false
  broker.ended.then(() => {
    isOver = true
  })
  await delay(300)
  s.notOk(isOver)
  broker.signal('SIGTERM')
  await broker.ended
})

t.test('connections beside those that the limits allow are turned away until there is room', async s => {
  await installInside({ limits: { running: 1, queue: 0 } })
  const broker = await startInside()
  const silent = await Promise.all(Array.from({ length: 65 }, () => call()))
  const late = await call([], true)
  s.match(await late.json('refused'), { code: 'PRIVEXEC_BUSY', message: /no more connections$/ })
  await late.closed
  const isGone = () => {
    late.stream.write('x')
    return late.stream.destroyed
  }
  s.ok(await eventually(isGone), 'also one that does not hang up')
  for (const { stream } of silent.slice(0, 10)) stream.destroy()
  await delay(100)
  const next = await call([request()])
  await next.json('accepted')
  await next.json('started')
  s.match(await next.json('outcome'), { exitCode: 0 })
  for (const { stream } of [...silent, late, next]) stream.destroy()
  broker.signal('SIGTERM')
  await broker.ended
  await installInside()
})

t.test('who was answered counts until the connection is closed', async s => {
  await installInside({ limits: { running: 1, queue: 0 } })
  const broker = await startInside()
  const answered = await Promise.all(Array.from({ length: 65 }, () => call([Buffer.of(0)], true)))
  for (const { json } of answered) await json('refused')
  const late = await call()
  s.match(await late.json('refused'), { code: 'PRIVEXEC_BUSY' })
  for (const { stream } of [...answered, late]) stream.destroy()
  broker.signal('SIGTERM')
  await broker.ended
  await installInside()
})

t.test('without work a broker ends after its idle time, and not while somebody is served', async s => {
  scriptOf('sleep 1.3; echo done')
  const broker = await startInside(1)
  let isOver = false
  broker.ended.then(() => {
    isOver = true
  })
  await delay(400)
  const { json, bytes } = await call([request('test.script')])
  await json('accepted')
  await json('started')
  s.equal(String(await bytes('stdout')), 'done\n')
  s.match(await json('outcome'), { exitCode: 0 })
  await delay(200)
  s.notOk(isOver, 'the time begins when the last one has gone')
  await broker.ended
})
