import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { Job } from '../../src/model/job.ts'
import { openShop, type Shop } from '../support/shop.ts'

const who = { principal: 'alice' }
const request = { name: 'box', apps: [{ app: 'plain' }] }

async function begin({ shop }: Shop): Promise<Job> {
  const { consent } = await shop.installs.plan(request)
  return shop.installs.install({ ...request, consent: consent.hash } as never, who)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10)
}

const creation = { method: 'POST', path: /\/lxc$/ }
const running = ({ lab }: Shop): number => lab.state.tasks.filter(({ exitstatus }) => exitstatus === undefined).length

t.test('a creation that hangs is ended in time, and what it left is named', async t => {
  const shop = await openShop(t, { limit: '1s' })
  shop.lab.faults.add({ kind: 'task-hang', match: creation })
  const job = await shop.shop.jobs.finished((await begin(shop)).id)
  t.match(job, {
    state: 'failed',
    failure: { code: 'APPSTORE_TIMED_OUT', step: 'create', left: [/Guest 20000 may be what a creation left/] },
  })
  t.equal(running(shop), 0)
})

t.test('a creation that hangs once the guest is there is taken back', async t => {
  const shop = await openShop(t, { limit: '1s' })
  shop.lab.faults.add({ kind: 'task-hang-after', match: creation })
  const job = await shop.shop.jobs.finished((await begin(shop)).id)
  t.match(job, { state: 'failed', failure: { code: 'APPSTORE_TIMED_OUT', step: 'create', left: [] } })
  t.same(Object.keys(shop.lab.state.guests), [])
})

t.test('a cancel ends the task that hangs, and takes its guest back', async t => {
  const shop = await openShop(t)
  shop.lab.faults.add({ kind: 'task-hang-after', match: creation })
  const { id } = await begin(shop)
  await until(() => shop.lab.state.guests[20_000]?.config.description !== undefined)
  shop.shop.jobs.cancel(id, who)
  t.match(await shop.shop.jobs.finished(id), { state: 'cancelled' })
  t.same(Object.keys(shop.lab.state.guests), [])
})

t.test('a cancel while the answer to the creation is on its way loses no guest', async t => {
  const shop = await openShop(t)
  let cancel = (): void => {}
  shop.lab.faults.take = (method, path) => {
    if (method === 'POST' && path.endsWith('/lxc')) cancel()
    return undefined
  }
  const { id } = await begin(shop)
  cancel = () => shop.shop.jobs.cancel(id, who)
  t.match(await shop.shop.jobs.finished(id), { state: 'cancelled' })
  t.same(Object.keys(shop.lab.state.guests), [])
})

t.test('a task that cannot be ended ends its job nevertheless, which names it', async t => {
  const shop = await openShop(t, { limit: '1s' })
  shop.lab.faults.add({ kind: 'task-stuck', match: creation })
  const job = await shop.shop.jobs.finished((await begin(shop)).id)
  t.match(job, { state: 'failed', failure: { code: 'APPSTORE_TASK_STUCK', left: [/UPID:.*:vzcreate:20000:/] } })
  t.match(await shop.shop.installs.get('box'), { status: 'failed', vmid: 20_000 })
})

t.test('the daemon stops while a task hangs that takes a job back', async t => {
  const shop = await openShop(t)
  shop.script.fail.install = () => Promise.reject(new Error('no'))
  shop.lab.faults.add({ kind: 'task-hang', match: { method: 'DELETE' } })
  const { id } = await begin(shop)
  await until(() =>
    shop.lab.state.tasks.some(({ type, exitstatus }) => type === 'vzdestroy' && exitstatus === undefined),
  )
  await shop.shop.engine.stop()
  t.equal(shop.shop.jobs.get(id).state, 'undoing')
  t.equal(running(shop), 1, 'the task goes on, for the next start to wait for')
})

t.test('a change whose answer was lost is waited for before its job ends', async t => {
  const shop = await openShop(t, { taskMilliseconds: 400 })
  await shop.shop.jobs.finished((await begin(shop)).id)
  shop.lab.faults.add({ kind: 'drop-after', match: { method: 'POST', path: /\/vzdump$/ } })
  const { id } = await shop.shop.installs.backup('box', undefined, who)
  t.match(await shop.shop.jobs.finished(id), { state: 'succeeded' }, 'the backup is there')
  t.equal(shop.lab.state.guests[20_000]?.config.lock, undefined)
  shop.lab.faults.add({ kind: 'half', match: { method: 'POST', path: /\/shutdown$/ } })
  const stop = await shop.shop.installs.stop('box', who)
  t.match(await shop.shop.jobs.finished(stop.id), {
    state: 'failed',
    failure: { code: 'APPSTORE_PROXMOX_UNAVAILABLE' },
  })
  t.equal(running(shop), 0)
})
