import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import { socketPath } from '../../packages/privexec/src/transport/daemon/path.ts'
import { eventually } from '../attacks/support/processes.ts'
import { prepareHost } from '../host/prepare.ts'
import { runScriptAs, startAs } from '../host/service.ts'
import { installStubborn } from '../support/stubborn.ts'
import { startDaemon } from './support/daemon.ts'
import { bundledEntry, installEcho, mixedPolicy } from './support/many.ts'
import { type Round, roundOf } from './support/rounds.ts'
import { markedBy, running } from './support/traces.ts'
import { numberOf } from './support/variable.ts'

// BROKER_KILLS=500 makes it long. BROKER_SEED repeats a run; with BROKER_KILLS=1, the round that has this seed.
const rounds = numberOf('BROKER_KILLS', 40)
const seed = numberOf('BROKER_SEED', Date.now() % 1_000_000_000)

prepareHost({ containers: true })
installStubborn()
installEcho()
/** Time limit of all operations in seconds. */
const limit = 2
const policy = mixedPolicy(limit, { perMinute: 1_000_000 })
const entry = await bundledEntry()
const start = () => startDaemon(policy, { entry })
let daemon = await start()
const { file } = daemon.policy.audit
t.teardown(() => daemon.stop())

/** What a client heard of one request: numbers of the request, names of frames, and what they say. */
interface Line {
  readonly at: number
  readonly frame: string
  readonly operation?: string
}

/** Asks for the operations of a round, kills when it is time, and returns what the client heard and who was hit. */
async function kill(
  { victim, delay: wait, requests, share }: Round,
  time: () => Promise<unknown> = () => delay(wait),
): Promise<{ heard: Line[]; hit: string }> {
  const script = join(import.meta.dirname, 'support/asker.ts')
  const argv = [process.execPath, '--conditions=@broker/source', script, socketPath('rootside')]
  const client = await startAs('appstore', argv, { cwd: join(import.meta.dirname, '../..') })
  client.stdin?.on('error', () => {}).end(JSON.stringify(requests))
  client.stderr?.resume()
  const heard: Line[] = []
  const lines = createInterface(client.stdout as NodeJS.ReadableStream)
  const ended = once(lines, 'close')
  const connected = once(lines, 'line')
  lines.on('line', line => heard.push(JSON.parse(line)))
  await Promise.race([connected, ended])
  // A child can be hit when there is one.
  if (victim === 'child') await eventually(() => markedBy('rootside').length > 0, 1000)
  await time()
  const marked = victim === 'child' ? markedBy('rootside') : []
  const pid = { client: client.pid, broker: daemon.child.pid, child: marked[Math.floor(share * marked.length)] }[victim]
  const name = pid === undefined ? '' : comm(pid)
  const hit = name === '' ? 'nobody' : `${victim} ${name}`
  if (pid !== undefined && name !== '') quietly(() => process.kill(pid, 'SIGKILL'))
  await ended
  return { heard, hit }
}

/** Name of a process; empty when it is gone. */
const comm = (pid: number): string =>
  existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, 'utf8').trim() : ''

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function quietly(action: () => void): void {
  try {
    action()
  } catch {
    // It has ended by itself.
  }
}

/** What the records of an operation are: `start`, `end`. */
function recordsOf(text: string, operation: string): string[] {
  return text
    .split('\n')
    .filter(line => line.includes(operation))
    .flatMap(line => JSON.parse(line).event.type)
}

/** Everything that is not as it should be after a round. */
async function problems(round: Round, { heard }: { heard: Line[] }): Promise<string[]> {
  const found: string[] = []
  const claim = (holds: boolean, what: string) => holds || found.push(what)
  // A deadline, ten seconds for what may not be ended at once, and what a busy machine takes.
  const isQuiet = await eventually(() => running('rootside').length === 0, 20_000)
  claim(isQuiet, `still running: ${running('rootside').join('; ')}`)
  if (round.victim === 'broker') {
    await exited(daemon.child)
    const { ok, torn, unfinished } = await verifyAudit(file)
    claim(ok || torn !== undefined, 'the chain does not verify')
    const started = heard
      .filter(line => line.frame === 'started')
      .map(line => heard.find(each => each.at === line.at && each.operation)?.operation ?? '')
    const text = readFileSync(file, 'utf8')
    for (const operation of started) {
      const isReported = unfinished.some(each => each.operation === operation)
      const records = recordsOf(text, operation)
      claim(records.includes('start'), `${operation} ran without an intent`)
      claim(isReported !== records.includes('end'), `${operation} is neither ended nor reported as unfinished`)
    }
    daemon = await start()
    for (const { operation } of unfinished) {
      claim(recordsOf(readFileSync(file, 'utf8'), operation).includes('end'), `${operation} was not recovered`)
    }
  }
  const settled = await finished()
  claim(settled, 'operations have no outcome')
  const { ok } = await verifyAudit(file)
  claim(ok, 'the chain does not verify')
  claim(daemon.child.exitCode === null && daemon.child.signalCode === null, `the broker ended: ${daemon.said()}`)
  return found
}

/** Whether each intent has got its outcome, within the time limit and some more. */
async function finished(): Promise<boolean> {
  for (const until = performance.now() + 20_000; performance.now() < until; await delay(100)) {
    if ((await verifyAudit(file)).unfinishedCount === 0) return true
  }
  return false
}

t.test(`${rounds} kills at random moments, BROKER_SEED=${seed}`, async t => {
  const hits: Record<string, number> = {}
  // A round in which what was to be killed had ended by itself counts for nothing, but what it left is looked at too.
  for (let at = 0, kills = 0; kills < rounds; at++) {
    const round = roundOf(seed + at)
    const result = await kill(round)
    hits[result.hit] = (hits[result.hit] ?? 0) + 1
    if (result.hit !== 'nobody') kills += 1
    const found = await problems(round, result)
    const asked = round.requests.map(request => (request as { command: string }).command).join(', ')
    t.same(found, [], `BROKER_SEED=${seed + at}: ${result.hit} after ${round.delay} ms of ${asked}`)
  }
  t.comment(hits)
})

t.test('an operation of which the broker never said the end is reported by `privexec audit verify`', async t => {
  const requests = [{ command: 'test.stubborn', input: { name: 'tank/x' } }]
  const isRunning = () => eventually(() => running('rootside').length >= 4)
  const { heard } = await kill({ victim: 'broker', delay: 0, requests, share: 0 }, isRunning)
  await exited(daemon.child)
  const operation = heard.find(line => line.operation)?.operation ?? 'none'
  const cli = join(import.meta.dirname, '../../packages/privexec/src/cli/main.ts')
  const verify = () => runScriptAs('root', cli, ['audit', 'verify', file])
  const reported = await verify()
  t.match(reported.stdout, `1 operations without an outcome, running or cut off: ${operation} test.stubborn`)
  daemon = await start()
  const after = await verify()
  t.equal(after.exitCode, 0)
  t.notMatch(after.stdout, 'without an outcome')
})
