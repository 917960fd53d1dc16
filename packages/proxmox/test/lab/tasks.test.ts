import t from 'tap'
import { isProxmoxError } from '../../src/index.ts'
import { bench, fast, guest } from '../support/bench.ts'
import { rejection } from '../support/server.ts'

t.test('faults of the network lose no task', async t => {
  const { lab, proxmox } = await bench(t, 9)
  const task = await proxmox.lxc.create(guest(300))
  for (const kind of ['drop', 'half', 'status 595', 'status 500', 'status 401'] as const) {
    lab.faults.add({ match: { method: 'GET', path: /\/tasks\// }, times: 1, kind })
  }
  t.match(await proxmox.finish(task, fast), { state: 'ok' })
  lab.faults.add({ match: { method: 'POST', path: /\/status\/start$/ }, times: 1, kind: 'drop' })
  const error = await proxmox.lxc.start({ vmid: 300 }).catch((error: unknown) => error)
  t.ok(isProxmoxError(error) && error.mayHaveRun)
})

t.test('who gives up stops the task on the node, and tasks end in all ways', async t => {
  const { lab, proxmox } = await bench(t, 9)
  const create = { match: { method: 'POST', path: /\/lxc$/ }, times: 1 } as const
  lab.faults.add({ ...create, kind: 'task-hang' })
  const hanging = await proxmox.lxc.create(guest(500))
  t.match(await rejection(proxmox.follow(hanging, { ...fast, timeout: 50 })), { code: 'PROXMOX_TASK_TIMED_OUT' })
  const stop = new AbortController()
  const following = rejection(proxmox.follow(hanging, { ...fast, signal: stop.signal }))
  setTimeout(() => stop.abort(), 30)
  t.match(await following, { code: 'PROXMOX_CANCELLED', upid: hanging })
  t.equal((await proxmox.tasks.status({ upid: hanging })).status, 'stopped')

  lab.faults.add({ ...create, kind: 'task-warn' })
  t.match(await proxmox.finish(await proxmox.lxc.create(guest(501)), fast), { state: 'warnings', warnings: 1 })
  lab.faults.add({ ...create, kind: 'task-fail' })
  const failed = await rejection(proxmox.finish(await proxmox.lxc.create(guest(502)), fast))
  t.match(failed, { name: 'ProxmoxError', isFailed: true, mayHaveRun: true })
  t.ok((failed.log as string[]).some(line => line.startsWith('TASK ERROR: ')))
})
