import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoriesRuntime, type Lab, startLab } from '@broker/proxmox-lab'
import t, { type Test } from 'tap'
import { connect, isProxmoxError, newVolume, type Proxmox, parseUpid } from '../../src/index.ts'
import { rejection } from '../support/server.ts'

const template = 'debian-12-standard_12.7-1_amd64.tar.zst'
const fast = { interval: { first: 5, longest: 50 } }

interface Bench {
  readonly lab: Lab
  readonly proxmox: Proxmox
  readonly root: Proxmox
}

/** A runtime whose shell says back what it reads. */
const echoing = (): ReturnType<typeof directoriesRuntime> => ({
  ...directoriesRuntime(),
  shell: async () => {
    let say: (bytes: Buffer) => void = () => {}
    return {
      write: bytes => say(Buffer.from(bytes)),
      resize: (columns, rows) => say(Buffer.from(`${columns}x${rows}`)),
      onData: listener => {
        say = listener
      },
      onEnd: () => {},
      end: () => {},
    }
  },
})

async function bench(t: Test, version: 8 | 9): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'proxmox-client-'))
  const lab = await startLab({
    directory,
    version,
    templates: [template],
    guests: echoing(),
    foreignGuests: [{ vmid: 100, hostname: 'nas', tags: 'appstore;managed' }],
  })
  const { url, caPem, fingerprint, tokenId, tokenSecret, root } = lab
  const proxmox = await connect({ url, token: { id: tokenId, secret: tokenSecret }, tls: { ca: caPem } })
  const administrator = await connect({
    url,
    token: { id: root.tokenId, secret: root.tokenSecret },
    tls: { fingerprint },
  })
  t.teardown(async () => {
    await proxmox.close()
    await administrator.close()
    await lab.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  return { lab, proxmox, root: administrator }
}

const guest = (vmid: number) => ({
  vmid,
  ostemplate: `local:vztmpl/${template}`,
  rootfs: { volume: newVolume('local', 4) },
  mp0: { volume: newVolume('local', 1), mp: '/data', backup: true },
  net0: { name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' },
  hostname: 'app',
  pool: 'appstore',
  unprivileged: true,
  features: { nesting: true },
  description: 'words of ours\nand a second line',
})

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

t.test('snapshots, backups and restores, volumes that go to another guest', async t => {
  const { proxmox } = await bench(t, 9)
  await proxmox.finish(await proxmox.lxc.create(guest(200)), fast)
  if (await proxmox.lxc.feature({ vmid: 200, feature: 'snapshot' })) {
    await proxmox.finish(await proxmox.lxc.createSnapshot({ vmid: 200, snapname: 'before', description: 'x' }), fast)
    t.match((await proxmox.lxc.snapshots({ vmid: 200 })).map(({ name }) => name).sort(), ['before', 'current'])
    await proxmox.finish(await proxmox.lxc.rollback({ vmid: 200, snapname: 'before' }), fast)
    await proxmox.finish(await proxmox.lxc.deleteSnapshot({ vmid: 200, snapname: 'before' }), fast)
  }
  await proxmox.finish(
    await proxmox.backup.create({ vmid: [200], storage: 'local', remove: false, 'notes-template': 'of ours' }),
    fast,
  )
  const [backup] = await proxmox.storages.content({ storage: 'local', content: 'backup', vmid: 200 })
  t.match(backup?.volid, /^local:backup\/vzdump-lxc-200-/)
  await proxmox.finish(
    await proxmox.lxc.create({
      vmid: 201,
      ostemplate: backup?.volid ?? '',
      restore: true,
      pool: 'appstore',
      storage: 'local',
      unprivileged: true,
    }),
    fast,
  )
  t.equal((await proxmox.lxc.config({ vmid: 201 })).hostname, 'app')

  const { digest } = await proxmox.lxc.config({ vmid: 200 })
  await proxmox.finish(
    await proxmox.lxc.moveVolume({ vmid: 200, volume: 'mp0', 'target-vmid': 201, 'target-volume': 'mp7', digest }),
    fast,
  )
  t.equal((await proxmox.lxc.config({ vmid: 200 })).mp.size, 0)
  t.match((await proxmox.lxc.config({ vmid: 201 })).mp.get(7)?.volume, /201/)
  if (backup) {
    const removal = await proxmox.storages.removeVolume({ storage: 'local', volume: backup.volid })
    if (removal !== undefined) await proxmox.finish(removal, fast)
  }
  t.same(await proxmox.storages.content({ storage: 'local', content: 'backup', vmid: 200 }), [])
})

t.test('what a set-up does: pool, role, user, token, rights, and all of it away again', async t => {
  const { root, lab } = await bench(t, 9)
  await root.pools.create({ poolid: 'mine', comment: 'words' })
  await root.access.createRole({ roleid: 'Mine', privs: ['VM.Audit'] })
  await root.access.updateRole({ roleid: 'Mine', privs: ['Pool.Audit'], append: true })
  await root.access.createUser({ userid: 'mine@pve', comment: 'words' })
  const token = await root.access.createToken({ userid: 'mine@pve', tokenid: 'one', privsep: true })
  await root.access.setAcl({ path: '/pool/mine', roles: ['Mine'], users: ['mine@pve'], tokens: [token.id] })
  t.notMatch(JSON.stringify(token), token.secret.reveal())

  const mine = await connect({ url: lab.url, token: { id: token.id, secret: token.secret }, tls: { ca: lab.caPem } })
  t.teardown(() => mine.close())
  t.match((await mine.access.permissions())['/pool/mine'], { 'VM.Audit': true, 'Pool.Audit': true })
  t.match(await mine.pools.list(), [{ poolid: 'mine' }])
  t.match((await root.access.roles()).find(({ roleid }) => roleid === 'Mine')?.privs?.sort(), [
    'Pool.Audit',
    'VM.Audit',
  ])
  t.ok((await root.access.acl()).some(({ ugid, roleid }) => ugid === token.id && roleid === 'Mine'))

  await root.access.setAcl({
    path: '/pool/mine',
    roles: ['Mine'],
    users: ['mine@pve'],
    tokens: [token.id],
    delete: true,
  })
  await root.access.removeToken({ userid: 'mine@pve', tokenid: 'one' })
  await root.access.removeUser({ userid: 'mine@pve' })
  await root.access.removeRole({ roleid: 'Mine' })
  await root.pools.remove({ poolid: 'mine' })
  t.match(await rejection(mine.version.get()), { code: 'PROXMOX_UNAUTHORIZED' })
})

t.test('what a node has: storages, bridges, templates, devices, tasks', async t => {
  const { proxmox, root } = await bench(t, 9)
  t.match(
    (await proxmox.storages.list()).map(({ storage }) => storage),
    ['local', 'local-zfs'],
  )
  t.match(await proxmox.storages.status({ storage: 'local' }), { active: true, type: 'dir' })
  t.ok((await proxmox.network.list({ type: 'any_bridge' })).some(({ iface }) => iface === 'vmbr0'))
  const appliances = await proxmox.storages.appliances()
  t.ok(appliances.length > 0)
  const download = await proxmox.storages.downloadAppliance({
    storage: 'local',
    template: appliances[0]?.template ?? '',
  })
  t.match(await proxmox.follow(download, fast), { state: 'ok' })
  t.ok(Array.isArray(await root.hardware.pci()))
  t.match(await root.nodes.status({ node: await root.node() }), { memory: { total: Number } })
  t.ok((await proxmox.tasks.list({ source: 'all' })).some(({ upid }) => upid === download))
})

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

t.test('a terminal opens in a guest that runs, and is refused in one that does not', async t => {
  const { proxmox } = await bench(t, 9)
  await proxmox.finish(await proxmox.lxc.create(guest(400)), fast)
  t.match(await rejection(proxmox.console({ vmid: 400, onData: () => {} })), { name: 'ProxmoxError' })
  await proxmox.finish(await proxmox.lxc.start({ vmid: 400 }), fast)
  let output = ''
  const said = Promise.withResolvers<void>()
  const terminal = await proxmox.console({
    vmid: 400,
    onData: data => {
      output += data.toString()
      if (output.includes('80x24')) said.resolve()
    },
  })
  terminal.write('ls\r')
  terminal.resize(80, 24)
  await said.promise
  t.match(output, /ls\r.*80x24/)
  terminal.close()
})
