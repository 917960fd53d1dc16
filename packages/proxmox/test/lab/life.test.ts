import t from 'tap'
import { parseUpid } from '../../src/index.ts'
import { bench, fast, guest } from '../support/bench.ts'
import { rejection } from '../support/server.ts'

for (const version of [8, 9] as const) {
  t.test(`Proxmox ${version}: the life of a guest, by a token with rights on a pool`, async t => {
    const { lab, proxmox } = await bench(t, version)
    t.equal((await proxmox.version.get()).major, version)
    t.equal(await proxmox.node(), lab.node)

    const vmid = await proxmox.cluster.nextid()
    t.match(await rejection(proxmox.lxc.create({ ...guest(vmid), tags: ['appstore'] })), { code: 'PROXMOX_FORBIDDEN' })
    const lines: string[] = []
    const task = await proxmox.lxc.create(guest(vmid))
    t.match(parseUpid(task), { type: 'vzcreate', id: String(vmid), user: lab.tokenId })
    const created = await proxmox.finish(task, { ...fast, onLine: line => lines.push(line) })
    t.match(created, { state: 'ok' })
    t.same(lines.at(-1), 'TASK OK')

    const before = await proxmox.lxc.config({ vmid })
    await proxmox.lxc.setConfig({ vmid, tags: ['appstore', 'managed'], memory: 256, digest: before.digest })
    t.match(await rejection(proxmox.lxc.setConfig({ vmid, memory: 128, digest: before.digest })), {
      code: 'PROXMOX_CHANGED',
    })
    const config = await proxmox.lxc.config({ vmid })
    t.match(config, {
      hostname: 'app',
      memory: 256,
      unprivileged: true,
      features: { nesting: true },
      tags: ['appstore', 'managed'],
    })
    t.match(config.description, /^words of ours\nand a second line/)
    t.match(config.mp.get(0), { mp: '/data', backup: true })
    t.match(config.net.get(0), { name: 'eth0', bridge: 'vmbr0' })

    await proxmox.finish(await proxmox.lxc.start({ vmid }), fast)
    t.equal((await proxmox.lxc.status({ vmid })).status, 'running')
    t.match(await rejection(proxmox.lxc.destroy({ vmid }).then(upid => proxmox.finish(upid, fast))), {
      name: 'ProxmoxError',
    })
    t.ok(Array.isArray(await proxmox.lxc.interfaces({ vmid })))
    await proxmox.finish(await proxmox.lxc.resize({ vmid, disk: 'mp0', size: { more: 2 ** 30 } }), fast)
    t.equal((await proxmox.lxc.config({ vmid })).mp.get(0)?.size, '2G')
    await proxmox.finish(await proxmox.lxc.shutdown({ vmid, timeout: 5, forceStop: true }), fast)
    t.equal((await proxmox.lxc.status({ vmid })).status, 'stopped')
    t.match(await rejection(proxmox.lxc.stop({ vmid }).then(upid => proxmox.finish(upid, fast))), {
      code: 'PROXMOX_NOT_RUNNING',
    })

    const resources = await proxmox.cluster.resources({ type: 'vm' })
    t.match(
      resources.find(one => one.vmid === vmid),
      { type: 'lxc', pool: 'appstore', node: lab.node },
    )
    await proxmox.finish(await proxmox.lxc.destroy({ vmid, purge: true }), fast)
    t.notOk((await proxmox.lxc.list()).some(one => one.vmid === vmid))
  })

  t.test(`Proxmox ${version}: refusals are recognised`, async t => {
    const { proxmox } = await bench(t, version)
    t.match(await rejection(proxmox.lxc.config({ vmid: 100 })), {
      code: 'PROXMOX_FORBIDDEN',
      permission: { path: '/vms/100' },
    })
    t.match(await rejection(proxmox.lxc.config({ vmid: 999 })), { code: 'PROXMOX_FORBIDDEN' })
    t.match(await rejection(proxmox.cluster.nextid({ vmid: 100 })), { code: 'PROXMOX_EXISTS' })
    const refused = async (more: object): Promise<Error> => rejection(proxmox.lxc.create({ ...guest(105), ...more }))
    t.match(await refused({ features: { keyctl: true } }), { code: 'PROXMOX_ROOT_ONLY' })
    t.match(await refused({ mp1: { volume: '/etc', mp: '/x' } }), { code: 'PROXMOX_ROOT_ONLY' })
    t.match(await refused({ pool: 'other' }), { code: 'PROXMOX_FORBIDDEN' })
    t.match(await refused({ unprivileged: false }), { code: 'PROXMOX_FORBIDDEN' })
    const task = 'UPID:lab:00000001:00000001:00000001:vzstart:104:appstore@pve!store:'
    t.match(await rejection(proxmox.follow(task, fast)), { code: 'PROXMOX_NOT_FOUND', subject: 'task' })
  })
}
