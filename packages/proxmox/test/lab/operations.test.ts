import t from 'tap'
import { connect } from '../../src/index.ts'
import { bench, fast, guest } from '../support/bench.ts'
import { rejection } from '../support/server.ts'

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
