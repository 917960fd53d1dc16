import t from 'tap'
import { asRootPam, container, finish, labFor, send } from '../support/client.ts'

const lxc = '/nodes/lab/lxc'

t.test('a container has nothing but its lock and no pool until it is made', async t => {
  const lab = await labFor(t, { taskMilliseconds: 200 })
  const created = await send(lab, 'POST', lxc, container(105, { description: 'one\nappstore: install=x store=y' }))
  t.equal(created.status, 200)
  t.same(lab.state.guests[105]?.config, { lock: 'create' })
  t.equal((await send(lab, 'GET', `${lxc}/105/config`)).reason, 'Permission check failed (/vms/105, VM.Audit)')
  await lab.waitFor(String(created.body?.data))
  const { body } = await send(lab, 'GET', `${lxc}/105/config`)
  t.match(body?.data, {
    description: 'one\nappstore: install=x store=y\n',
    memory: 512,
    rootfs: 'local-zfs:subvol-105-disk-0,size=4G',
    unprivileged: 1,
  })
  t.same(lab.state.pools.appstore?.guests, [105])
})

t.test('what only root may set, or what lies outside the rights of the store, is refused', async t => {
  const lab = await labFor(t)
  const refused = async (more: Record<string, string | number>): Promise<string> => {
    const { status, reason } = await send(lab, 'POST', lxc, container(105, more))
    return `${status} ${reason}`
  }
  const only = 'is only allowed for root@pam)'
  t.equal(await refused({ tags: 'appstore' }), '403 Permission check failed (/vms/105, VM.Config.Options)')
  t.equal(await refused({ mp0: '/srv,mp=/srv' }), `403 Permission check failed (mount point type bind ${only}`)
  t.equal(await refused({ mp0: '/dev/sdb,mp=/srv' }), `403 Permission check failed (mount point type device ${only}`)
  t.equal(
    await refused({ dev0: '/dev/dri/renderD128' }),
    `403 Permission check failed (configuring device passthrough ${only}`,
  )
  t.equal(
    await refused({ hookscript: 'local:snippets/x' }),
    `403 Permission check failed (changing the hookscript ${only}`,
  )
  t.match(await refused({ features: 'nesting=1,keyctl=1' }), /^403 .*\(changing feature flags \(except nesting\)/)
  t.equal(await refused({ unprivileged: 0 }), '403 Permission check failed (/, Sys.Modify)')
  t.equal(
    await refused({ net0: 'name=eth0,bridge=vmbr1' }),
    '403 Permission check failed (/sdn/zones/localnetwork/vmbr1, SDN.Use)',
  )
  t.equal(await refused({ ostemplate: '/etc/shadow' }), '500 Only root can pass arbitrary filesystem paths.')
  t.match(await refused({ pool: 'other' }), /^403 .*pool 'other' does not exist/)
  t.match(await refused({ vmid: 99 }), /^400 /)
  t.equal(await refused({ 'ssh-public-keys': 'nothing' }), '500 SSH public key validation error')
  t.same(lab.state.guests, {})
  const root = await asRootPam(lab)
  const privileged = container(105, { unprivileged: 0, features: 'keyctl=1', tags: 'a;b', dev0: '/dev/net/tun' })
  t.equal(await finish(lab, 'POST', lxc, privileged, root), 'OK', 'root itself may')
})

t.test('without the pool a token of the pool may create nothing', async t => {
  const lab = await labFor(t)
  const { pool: _, ...rest } = container(105)
  t.equal((await send(lab, 'POST', lxc, rest)).reason, 'Permission check failed')
})

t.test('an id that somebody took in between is refused, and their guest stays', async t => {
  const lab = await labFor(t)
  lab.faults.add({ match: { method: 'POST', path: lxc }, kind: 'id-race' })
  const { status, reason } = await send(lab, 'POST', lxc, container(105))
  t.same([status, reason], [500, "CT 105 already exists on node 'lab'"])
  t.match(lab.state.guests[105], { config: { tags: 'production' } })
  t.equal((await send(lab, 'DELETE', `${lxc}/105`)).status, 403)
})

t.test('a full storage makes the creation fail, and nothing is left of it', async t => {
  const lab = await labFor(t)
  t.match(
    await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:900,mp=/data' })),
    /^unable to create CT 105 - .*No space left/,
  )
  t.same(lab.state.guests, {})
  t.same(Object.keys(lab.state.volumes), ['local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst'])
})

t.test('templates are fetched by who may, into storages that take them', async t => {
  const lab = await labFor(t, { templates: [] })
  const listed = (await send(lab, 'GET', '/nodes/lab/aplinfo')).body?.data as { template: string }[]
  const template = listed.find(entry => entry.template.startsWith('debian-13'))?.template ?? ''
  t.equal(await finish(lab, 'POST', '/nodes/lab/aplinfo', { storage: 'local', template }), 'OK')
  const content = await send(lab, 'GET', '/nodes/lab/storage/local/content', { content: 'vztmpl' })
  t.match(content.body?.data, [{ volid: `local:vztmpl/${template}`, content: 'vztmpl', format: 'tzst' }])
  t.equal((await send(lab, 'POST', '/nodes/lab/aplinfo', { storage: 'local-zfs', template })).status, 500)
  t.equal((await send(lab, 'POST', '/nodes/lab/aplinfo', { storage: 'local', template: 'none' })).status, 400)
})
