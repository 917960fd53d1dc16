import { connect, type Proxmox } from '@broker/proxmox'
import { type Lab, startLab } from '@broker/proxmox-lab'
import t from 'tap'
import { TaskKeeper, type TaskLimits } from '../../src/guests/tasks.ts'
import { eitherOf } from '../../src/jobs/signals.ts'
import { type Test, temporaryDirectory } from '../support/store.ts'

const long = 60_000
const limits: TaskLimits = { task: long, create: long, copy: long, shutdown: 0 }

async function bench(t: Test): Promise<{ readonly lab: Lab; readonly client: Proxmox }> {
  const lab = await startLab({ directory: temporaryDirectory(t) })
  t.teardown(() => lab.stop())
  const { url, fingerprint, tokenId: id, tokenSecret: secret } = lab
  const client = await connect({ url, token: { id, secret }, tls: { fingerprint } })
  t.teardown(() => client.close())
  return { lab, client }
}

const guest = (vmid: number) =>
  ({
    vmid,
    ostemplate: 'local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst',
    pool: 'appstore',
    storage: 'local-zfs',
    unprivileged: true,
  }) as const

const stops = ({ requests }: Lab): number => requests.filter(({ method }) => method === 'DELETE').length

t.test('a task that takes longer than its kind may is ended, and told as one that took too long', async t => {
  const { lab, client } = await bench(t)
  lab.faults.add({ kind: 'task-hang', match: { method: 'POST' } })
  const upid = await client.lxc.create(guest(20_000) as never)
  const keeper = new TaskKeeper(client, { ...limits, create: 200 })
  await t.rejects(keeper.finish(upid, {}), {
    code: 'PROXMOX_TASK_TIMED_OUT',
    message: /stopped therefore$/,
    mayHaveRun: true,
  })
  t.equal((await client.follow(upid)).exitStatus, 'received interrupt')
})

t.test('a task that ended well while it was being ended has ended well', async t => {
  const { lab, client } = await bench(t)
  lab.faults.add({ kind: 'drop', match: { method: 'DELETE' } })
  const upid = await client.lxc.create(guest(20_000) as never)
  const send: Proxmox['send'] = async (call, options) => {
    await lab.waitFor(upid)
    return client.send(call, options)
  }
  const finish: Proxmox['finish'] = (id, options) => client.finish(id, { ...options, timeout: 0 })
  const slow = new TaskKeeper({ send, finish, follow: client.follow }, limits)
  t.match(await slow.finish(upid, {}), { state: 'ok' })
})

t.test('a cancel ends a task; the stop of the daemon leaves it', async t => {
  const { lab, client } = await bench(t)
  lab.faults.add({ kind: 'task-hang', match: { method: 'POST' }, times: 2 })
  const keeper = new TaskKeeper(client, limits)
  const [cancel, stop] = [new AbortController(), new AbortController()]
  const left = await client.lxc.create(guest(20_000) as never)
  const leaving = keeper.finish(left, { signal: eitherOf(new AbortController().signal, stop.signal) })
  stop.abort()
  await t.rejects(leaving, { code: 'PROXMOX_CANCELLED' })
  t.equal((await client.tasks.status({ upid: left })).status, 'running')
  t.equal(stops(lab), 0)
  const ended = await client.lxc.create(guest(20_001) as never)
  const ending = keeper.finish(ended, { signal: eitherOf(cancel.signal, new AbortController().signal) })
  cancel.abort()
  await t.rejects(ending, { code: 'PROXMOX_CANCELLED' })
  t.equal((await client.tasks.status({ upid: ended })).status, 'stopped')
  t.equal(stops(lab), 1)
})

t.test('a volume that is being moved is not left between two guests by a cancel', async t => {
  const { client } = await bench(t)
  const cancel = new AbortController()
  const signal = eitherOf(cancel.signal, new AbortController().signal)
  cancel.abort()
  const seen: unknown[] = []
  const finish: Proxmox['finish'] = async (upid, options) => {
    seen.push(options?.signal?.aborted)
    return { upid: upid as never, exitStatus: 'OK', log: [], state: 'ok' }
  }
  const keeper = new TaskKeeper({ send: client.send, follow: client.follow, finish }, limits)
  const upid = 'UPID:lab:00001000:00002000:60000000:move_volume:20000:appstore@pve!store:' as never
  t.match(await keeper.finish(upid, { signal }), { state: 'ok' })
  t.same(seen, [false])
})

t.test('a task that neither ends nor can be ended is told as such, and is not waited for as long again', async t => {
  const { lab, client } = await bench(t)
  lab.faults.add({ kind: 'task-stuck', match: { method: 'POST' } })
  const upid = await client.lxc.create(guest(20_000) as never)
  const timeouts: unknown[] = []
  const finish: Proxmox['finish'] = (id, options) => {
    timeouts.push(options?.timeout)
    return client.finish(id, options)
  }
  const keeper = new TaskKeeper(
    { send: client.send, follow: client.follow, finish },
    { ...limits, task: 150, create: 250 },
  )
  for (let n = 0; n < 2; n++)
    await t.rejects(keeper.finish(upid, {}), { code: 'APPSTORE_TASK_STUCK', message: /^UPID:.*:vzcreate:20000:/ })
  t.same(timeouts, [250, 150])
})
