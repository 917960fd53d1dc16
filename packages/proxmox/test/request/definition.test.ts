import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { calls } from '../../src/index.ts'
import { spell } from '../../src/request/send.ts'

const { lxc } = calls
const guest = { node: 'vm', vmid: 104 }

t.test('a call is the request as data, and nothing is sent by making one', async t => {
  const call = lxc.create.call({
    node: 'vm',
    vmid: 105,
    ostemplate: 'local:vztmpl/debian-12.tar.zst',
    rootfs: { volume: 'local:4' },
    net0: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.5/24', gw: '10.0.0.1', tag: 7 },
    mp0: { volume: 'local:1', mp: '/data', backup: true },
    features: { nesting: true },
    unprivileged: true,
    cpulimit: 1.5,
    description: 'two\nlines',
    password: undefined,
  })
  t.equal(call.method, 'POST')
  t.equal(call.path, '/nodes/vm/lxc')
  t.same(Object.fromEntries(call.parameters), {
    vmid: '105',
    ostemplate: 'local:vztmpl/debian-12.tar.zst',
    rootfs: 'local:4',
    net0: 'name=eth0,bridge=vmbr0,ip=10.0.0.5/24,gw=10.0.0.1,tag=7',
    mp0: 'local:1,mp=/data,backup=1',
    features: 'nesting=1',
    unprivileged: '1',
    cpulimit: '1.5',
    description: 'two\nlines',
  })
})

t.test('parameters of GET and DELETE go into the query, others into the body', async t => {
  t.same(spell(lxc.destroy.call({ ...guest, purge: true, force: false })), {
    method: 'DELETE',
    path: '/api2/json/nodes/vm/lxc/104?purge=1&force=0',
    body: undefined,
  })
  t.same(spell(lxc.setConfig.call({ ...guest, tags: ['a', 'b'], delete: ['mp0', 'mp1'] })), {
    method: 'PUT',
    path: '/api2/json/nodes/vm/lxc/104/config',
    body: 'tags=a%3Bb&delete=mp0%2Cmp1',
  })
  t.same(spell(lxc.start.call(guest)), { method: 'POST', path: '/api2/json/nodes/vm/lxc/104/status/start', body: '' })
})

t.test('segments of paths are escaped', async t => {
  const { path } = calls.storages.volume.call({ node: 'vm', storage: 'local', volume: 'local:backup/a?b#c%2F..' })
  t.equal(path, '/nodes/vm/storage/local/content/local%3Abackup%2Fa%3Fb%23c%252F..')
  const upid = 'UPID:vm:00001939:0009C65B:6B0214A3:vzstart:104:appstore@pve!store:'
  const { path: task } = calls.tasks.status.call({ node: 'vm', upid })
  t.equal(task, `/nodes/vm/tasks/${encodeURIComponent(upid)}/status`)
})

t.test('whatever a caller gives, a path keeps its segments', async t => {
  const property = fc.property(fc.string(), fc.string(), fc.string(), (node, storage, volume) => {
    let path: string
    try {
      path = calls.storages.volume.call({ node, storage, volume }).path
    } catch {
      return true
    }
    const url = new URL(`https://host${path}`)
    return url.pathname === path && path.split('/').length === 7
  })
  await holds(t, property)
})

t.test('what is missing, unknown or not of its kind is named, and nothing of it is sent', async t => {
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => lxc.start.call({ node: 'vm' } as never), 'vmid'],
    [() => lxc.start.call({ ...guest, bogus: 1 } as never), 'bogus'],
    [() => lxc.start.call({ ...guest, vmid: 99 }), 'vmid'],
    [() => lxc.start.call({ ...guest, vmid: '104' as never }), 'vmid'],
    [() => lxc.start.call({ ...guest, node: '../../access' }), 'node'],
    [() => lxc.setConfig.call({ ...guest, net0: { name: 'eth0', bridge: 'a,b' } }), 'net0.bridge'],
    [() => lxc.setConfig.call({ ...guest, net0: { bridge: 'vmbr0' } as never }), 'net0.name'],
    [() => lxc.setConfig.call({ ...guest, net32: { name: 'eth0' } }), 'net32'],
    [() => lxc.setConfig.call({ ...guest, net01: { name: 'eth0' } } as never), 'net01'],
    [() => lxc.setConfig.call({ ...guest, mp256: { volume: 'local:1', mp: '/x' } }), 'mp256'],
    [() => lxc.setConfig.call({ ...guest, mp0: { volume: 'local:1', mp: '/x,ro=0' } }), 'mp0.mp'],
    [() => lxc.setConfig.call({ ...guest, mp0: { volume: 'local:1', mp: '/x/../etc' } }), 'mp0.mp'],
    [() => lxc.setConfig.call({ ...guest, hostname: 'two\nlines' }), 'hostname'],
    [() => lxc.setConfig.call({ ...guest, hostname: 'a'.repeat(256) }), 'hostname'],
    [() => lxc.setConfig.call({ ...guest, tags: ['ok', 'a;b'] }), 'tags[1]'],
    [() => lxc.setConfig.call({ ...guest, cores: 0 }), 'cores'],
    [() => lxc.setConfig.call({ ...guest, cores: 1.5 }), 'cores'],
    [() => lxc.setConfig.call({ ...guest, onboot: 1 as never }), 'onboot'],
    [() => lxc.setConfig.call({ ...guest, description: 'a\0b' }), 'description'],
    [() => lxc.setConfig.call({ ...guest, ostype: 'windows' as never }), 'ostype'],
    [() => lxc.resize.call({ ...guest, disk: 'unused0', size: 1 }), 'disk'],
    [() => lxc.moveVolume.call({ ...guest, volume: 'mp0,mp1' }), 'volume'],
    [() => lxc.create.call({ ...guest, ostemplate: 'local:a', unique: true }), 'unique'],
    [() => lxc.create.call({ ...guest, ostemplate: 'local:a', constructor: {} } as never), 'constructor'],
    [() => calls.pools.update.call({ poolid: 'a/b/c/d' }), 'poolid'],
    [() => calls.backup.create.call({ node: 'vm', vmid: [] }), 'vmid'],
  ]
  for (const [make, field] of cases) t.throws(make, { code: 'PROXMOX_INPUT_INVALID', field }, field)
})

t.test('a password that is refused is not shown', async t => {
  const make = () => lxc.create.call({ ...guest, ostemplate: 'local:a', password: 'hunt' })
  t.throws(make, { code: 'PROXMOX_INPUT_INVALID', message: /^password: (?!.*hunt)/ })
})
