import t from 'tap'
import { printUpid } from '../../src/index.ts'
import { clientOf, type FakeServer, fakeServer, type Reply, rejection, type Seen } from '../support/server.ts'

const upid = printUpid({
  node: 'other',
  pid: 1,
  pstart: 2,
  starttime: 3,
  type: 'vzcreate',
  id: '105',
  user: 'appstore@pve!store',
})
const fast = { interval: { first: 1, longest: 5 } }

interface Script {
  /** Answers to the polls of the state; the last one stays. */
  readonly states: readonly Reply[]
  /** Lines that are there at each poll of the log; the last stays. */
  readonly logs?: readonly (readonly string[])[]
  readonly onDelete?: () => Reply
}

const running: Reply = { body: { data: { upid, status: 'running' } } }
const stopped = (exitstatus: string): Reply => ({ body: { data: { upid, status: 'stopped', exitstatus } } })

function scripted(t: import('tap').Test, { states, logs = [[]], onDelete }: Script): Promise<FakeServer> {
  let state = 0
  let log = 0
  return fakeServer(t, ({ method, path, parameters }: Seen): Reply => {
    if (method === 'DELETE') return onDelete?.() ?? { body: { data: null } }
    if (path.endsWith('/status')) return states[Math.min(state++, states.length - 1)] ?? 'hang'
    const lines = (logs[Math.min(log++, logs.length - 1)] ?? []).map((t, at) => ({ n: at + 1, t }))
    const start = Number(parameters.start)
    const page = lines.slice(start, start + Number(parameters.limit))
    // So the real one answers for a log that has nothing yet.
    return { body: { data: lines.length === 0 ? [{ n: 1, t: 'no content' }] : page, total: lines.length } }
  })
}

t.test('a task is asked after at the node in its id until it ends, and each line is told once', async t => {
  const server = await scripted(t, {
    states: [running, running, running, stopped('OK')],
    logs: [[], ['one'], ['one', 'two', 'three'], ['one', 'two', 'three', 'TASK OK']],
  })
  const proxmox = await clientOf(t, server)
  const lines: [number, string][] = []
  const result = await proxmox.follow(upid, { ...fast, onLine: (text, n) => lines.push([n, text]) })
  t.match(result, { state: 'ok', upid, exitStatus: 'OK' })
  t.same(lines, [
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
    [4, 'TASK OK'],
  ])
  t.ok(server.seen.every(({ path }) => path.startsWith(`/nodes/other/tasks/${encodeURIComponent(upid)}/`)))
})

t.test('a long log comes in pages, and the result keeps its end', async t => {
  const all = Array.from({ length: 1234 }, (_, at) => `line ${at + 1}`)
  const server = await scripted(t, { states: [stopped('OK')], logs: [all] })
  const proxmox = await clientOf(t, server)
  const lines: string[] = []
  const { log } = await proxmox.follow(upid, { ...fast, onLine: text => lines.push(text) })
  t.same(lines, all)
  t.same(log, all.slice(-50))
})

t.test('warnings are a success, everything else is not', async t => {
  for (const [exit, state, code] of [
    ['OK', 'ok', undefined],
    ['WARNINGS: 3', 'warnings', undefined],
    ["volume 'local:104/x.raw' does not exist", 'failed', 'PROXMOX_NOT_FOUND'],
    ['command failed: exit code 1', 'failed', 'PROXMOX_TASK_FAILED'],
    ['interrupted by signal', 'failed', 'PROXMOX_TASK_FAILED'],
    ['OK but not really', 'failed', 'PROXMOX_TASK_FAILED'],
    ['CT is locked (backup)', 'failed', 'PROXMOX_LOCKED'],
    ['unexpected status', 'unknown', 'PROXMOX_TASK_UNKNOWN'],
    ['unable to read tail (got 0 bytes)', 'unknown', 'PROXMOX_TASK_UNKNOWN'],
    ['', 'unknown', 'PROXMOX_TASK_UNKNOWN'],
  ] as const) {
    const server = await scripted(t, { states: [stopped(exit)], logs: [['a', 'b']] })
    const proxmox = await clientOf(t, server)
    t.equal((await proxmox.follow(upid, fast)).state, state, exit)
    if (code === undefined) t.match(await proxmox.finish(upid, fast), { state })
    else t.match(await rejection(proxmox.finish(upid, fast)), { code, upid, log: ['a', 'b'], mayHaveRun: true }, exit)
  }
})

t.test('polls that get lost say nothing of the task', async t => {
  const lost: Reply[] = [
    'drop',
    { status: 595, reason: 'No route to host', text: '' },
    'half',
    { status: 500, reason: 'got no worker upid', text: '' },
    { status: 401, reason: 'permission denied - invalid PVE ticket', text: '' },
    { status: 502, reason: 'Bad gateway', text: '<html>' },
    'cut',
  ]
  const server = await scripted(t, { states: [running, ...lost, running, ...lost, stopped('OK')] })
  const proxmox = await clientOf(t, server)
  t.equal((await proxmox.follow(upid, fast)).state, 'ok')
})

t.test('a task that has ended is told even when its log cannot be had', async t => {
  for (const reply of ['drop', { status: 403, reason: 'Permission check failed', text: '' }] as const) {
    const server = await fakeServer(t, ({ path }) => (path.endsWith('/status') ? stopped('OK') : reply))
    const proxmox = await clientOf(t, server)
    t.match(await proxmox.follow(upid, { ...fast, patience: 30 }), { state: 'ok', log: [] })
  }
})

t.test('a server that stays away longer than the patience is an error that leaves the task open', async t => {
  const server = await scripted(t, { states: [running, 'drop'] })
  const proxmox = await clientOf(t, server)
  const error = await rejection(proxmox.follow(upid, { ...fast, patience: 50 }))
  t.match(error, { code: 'PROXMOX_CONNECTION_LOST', upid, mayHaveRun: true })
  t.ok(server.seen.length > 2, 'asked more than once')
})

t.test('a refusal is believed when it is repeated', async t => {
  const server = await scripted(t, { states: [running, { status: 403, reason: 'Permission check failed', text: '' }] })
  const proxmox = await clientOf(t, server)
  t.match(await rejection(proxmox.follow(upid, fast)), { code: 'PROXMOX_FORBIDDEN', mayHaveRun: true })
  t.equal(server.seen.filter(({ path }) => path.endsWith('/status')).length, 4)
})

t.test('a task that nobody knows of any more is told at once', async t => {
  const gone: Reply = {
    status: 400,
    reason: 'Parameter verification failed.',
    body: { data: null, errors: { upid: 'no such task' }, message: 'Parameter verification failed.\n' },
  }
  const server = await scripted(t, { states: [gone] })
  const proxmox = await clientOf(t, server)
  t.match(await rejection(proxmox.follow(upid, fast)), { code: 'PROXMOX_NOT_FOUND', subject: 'task', mayHaveRun: true })
  t.equal(server.seen.length, 1)
})

t.test('a task that takes longer than it may is left as it is', async t => {
  const server = await scripted(t, { states: [running], logs: [['working']] })
  const proxmox = await clientOf(t, server)
  const error = await rejection(proxmox.follow(upid, { ...fast, timeout: 60 }))
  t.match(error, { code: 'PROXMOX_TASK_TIMED_OUT', upid, log: ['working'], mayHaveRun: true })
  t.notOk(server.seen.some(({ method }) => method === 'DELETE'))
})

t.test('who gives up stops the task, and is told when it has ended', async t => {
  let isStopped = false
  const server = await fakeServer(t, ({ method, path }): Reply => {
    if (method === 'DELETE') isStopped = true
    if (method === 'DELETE') return { body: { data: null } }
    if (path.endsWith('/status')) return isStopped ? stopped('interrupted by signal') : running
    return { body: { data: [{ n: 1, t: 'working' }] } }
  })
  const proxmox = await clientOf(t, server)
  const stop = new AbortController()
  const following = rejection(proxmox.follow(upid, { ...fast, signal: stop.signal, onLine: () => stop.abort() }))
  t.match(await following, { code: 'PROXMOX_CANCELLED', upid, message: /interrupted by signal/, mayHaveRun: true })
  t.ok(isStopped)
})

t.test('who only stops looking leaves the task', async t => {
  const server = await scripted(t, { states: [running], logs: [['working']] })
  const proxmox = await clientOf(t, server)
  const stop = new AbortController()
  const following = proxmox.follow(upid, { ...fast, signal: stop.signal, onAbort: 'leave', onLine: () => stop.abort() })
  t.match(await rejection(following), { code: 'PROXMOX_CANCELLED', message: /goes on/ })
  t.notOk(server.seen.some(({ method }) => method === 'DELETE'))
})

t.test('a task that cannot be stopped is told as one whose end is not known', async t => {
  const server = await scripted(t, {
    states: [running],
    logs: [['working']],
    onDelete: () => ({ status: 403, reason: 'Permission check failed', text: '' }),
  })
  const proxmox = await clientOf(t, server)
  const stop = new AbortController()
  const following = proxmox.follow(upid, { ...fast, signal: stop.signal, onLine: () => stop.abort() })
  t.match(await rejection(following), { code: 'PROXMOX_CANCELLED', message: /not known/ })
})

t.test('what is no id of a task is refused', async t => {
  const server = await scripted(t, { states: [running] })
  const proxmox = await clientOf(t, server)
  t.match(await rejection(proxmox.follow('UPID:bad')), { code: 'PROXMOX_INPUT_INVALID' })
})
