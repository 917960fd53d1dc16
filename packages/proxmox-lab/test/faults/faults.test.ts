import t from 'tap'
import { container, finish, labFor, send } from '../support/client.ts'

const lxc = '/nodes/lab/lxc'

t.test('a fault hits as many requests as it is for, after those that it lets pass', async t => {
  const lab = await labFor(t)
  lab.faults.add({ match: { method: 'GET', path: '/version' }, after: 1, times: 2, kind: 'status 500' })
  const remove = lab.faults.add({ match: { path: /^\/nodes$/ }, times: 9, kind: 'status 403' })
  const statuses: number[] = []
  for (let number = 0; number < 4; number += 1) statuses.push((await send(lab, 'GET', '/version')).status)
  t.same(statuses, [200, 500, 500, 200])
  t.equal((await send(lab, 'GET', '/nodes')).status, 403)
  remove()
  t.equal((await send(lab, 'GET', '/nodes')).status, 200)
  t.same(lab.requests.map(({ method, path, status }) => `${method} ${path} ${status}`).slice(0, 2), [
    'GET /version 200',
    'GET /version 500',
  ])
})

t.test('an answer with status 401 or 595 has no body', async t => {
  const lab = await labFor(t)
  for (const status of [401, 595] as const) {
    lab.faults.add({ kind: `status ${status}` })
    const answer = await send(lab, 'GET', '/version')
    t.same([answer.status, answer.text], [status, ''])
  }
})

t.test('a connection is dropped before or after the deed, or in the middle of the answer', async t => {
  const lab = await labFor(t)
  lab.faults.add({ kind: 'drop' })
  await t.rejects(send(lab, 'POST', lxc, container(105)), { code: 'ECONNRESET' })
  t.notOk(lab.state.guests[105])
  lab.faults.add({ kind: 'drop-after' })
  await t.rejects(send(lab, 'POST', lxc, container(105)), { code: 'ECONNRESET' })
  t.ok(lab.state.guests[105])
  lab.faults.add({ kind: 'half' })
  await t.rejects(send(lab, 'POST', lxc, container(106)), { code: 'ECONNRESET' })
  t.ok(lab.state.guests[106])
})

t.test('a task hangs until it is stopped, fails before or after its work, or warns', async t => {
  const lab = await labFor(t)
  const create = { method: 'POST', path: lxc }
  lab.faults.add({ match: create, kind: 'task-hang' })
  const upid = String((await send(lab, 'POST', lxc, container(105))).body?.data)
  const status = async () => (await send(lab, 'GET', `/nodes/lab/tasks/${upid}/status`)).body?.data
  t.match(await status(), { status: 'running', exitstatus: undefined })
  t.match((await send(lab, 'GET', '/nodes/lab/tasks', { source: 'active' })).body?.data, [{ upid }])
  t.equal((await send(lab, 'DELETE', `/nodes/lab/tasks/${upid}`)).status, 200)
  t.match(await status(), { status: 'stopped', exitstatus: 'received interrupt' })
  t.match(lab.state.guests[105]?.config, { lock: 'create' }, 'what a killed worker leaves')
  for (const [vmid, kind, outcome, isMade] of [
    [106, 'task-fail', /^fault of the lab/, false],
    [107, 'task-fail-after', /^fault of the lab/, true],
    [108, 'task-warn', /^WARNINGS: 1$/, true],
  ] as const) {
    lab.faults.add({ match: create, kind })
    t.match(await finish(lab, 'POST', lxc, container(vmid)), outcome)
    t.equal(lab.state.guests[vmid]?.config.rootfs !== undefined, isMade, kind)
  }
})
