import t from 'tap'
import { asRoot, container, finish, labFor, type SendOptions, send, template } from '../support/client.ts'

const lxc = '/nodes/lab/lxc'

t.test(
  'a guest starts, shows counters and addresses, and is destroyed only when it is stopped or by force',
  async t => {
    const lab = await labFor(t)
    await finish(lab, 'POST', lxc, container(105))
    t.equal((await send(lab, 'GET', `${lxc}/105/interfaces`)).body?.data, null)
    t.equal((await send(lab, 'POST', `${lxc}/105/status/stop`)).reason, 'CT 105 not running')
    t.equal(await finish(lab, 'POST', `${lxc}/105/status/start`), 'OK')
    t.equal((await send(lab, 'POST', `${lxc}/105/status/start`)).reason, 'CT 105 already running')
    t.match((await send(lab, 'GET', `${lxc}/105/status/current`)).body?.data, {
      status: 'running',
      cpus: 1,
      pid: Number,
    })
    t.match((await send(lab, 'GET', `${lxc}/105/interfaces`)).body?.data, [
      { name: 'lo' },
      { name: 'eth0', inet: String },
    ])
    t.equal((await send(lab, 'DELETE', `${lxc}/105`)).reason, 'unable to destroy CT 105 - container is running')
    t.equal(await finish(lab, 'POST', `${lxc}/105/status/shutdown`, { timeout: 5 }), 'OK')
    t.equal(await finish(lab, 'DELETE', `${lxc}/105`, { purge: 1 }), 'OK')
    t.same([lab.state.guests, lab.state.pools.appstore?.guests], [{}, []])
  },
)

t.test('who has rights on a pool sees no other guest, and changes none', async t => {
  const lab = await labFor(t, { foreignGuests: [{ vmid: 104, hostname: 'production', isRunning: true }] })
  await finish(lab, 'POST', lxc, container(105))
  const ids = async (options?: SendOptions) =>
    (
      ((await send(lab, 'GET', '/cluster/resources', { type: 'vm' }, options)).body?.data ?? []) as { vmid: number }[]
    ).map(({ vmid }) => vmid)
  t.same(await ids(), [105])
  t.same(await ids(asRoot(lab)), [104, 105])
  for (const [method, path] of [
    ['GET', `${lxc}/104/config`],
    ['POST', `${lxc}/104/status/stop`],
    ['DELETE', `${lxc}/104`],
    ['PUT', `${lxc}/104/config`],
    ['POST', `${lxc}/104/termproxy`],
  ] as const)
    t.equal((await send(lab, method, path)).status, 403, `${method} ${path}`)
  t.equal((await send(lab, 'GET', '/cluster/nextid', { vmid: 104 })).body?.errors?.vmid, 'VM 104 already exists')
})

t.test('a change that somebody else made in between is told by the digest', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105))
  const read = async () =>
    (((await send(lab, 'GET', `${lxc}/105/config`)).body?.data ?? {}) as { digest?: string }).digest ?? ''
  const digest = await read()
  t.equal((await send(lab, 'PUT', `${lxc}/105/config`, { tags: 'a;b', digest })).status, 200)
  t.not(await read(), digest)
  t.match(
    (await send(lab, 'PUT', `${lxc}/105/config`, { cores: 2, digest })).reason,
    /^detected modified configuration/,
  )
  t.equal((await send(lab, 'PUT', `${lxc}/105/config`, { unprivileged: 0 })).status, 400)
  t.equal((await send(lab, 'PUT', `${lxc}/105/config`, { delete: 'bogus' })).status, 400)
})

t.test('a guest with a lock takes no other operation', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105))
  const config = lab.state.guests[105]?.config ?? {}
  config.lock = 'backup'
  t.equal((await send(lab, 'PUT', `${lxc}/105/config`, { cores: 2 })).reason, 'CT is locked (backup)')
  t.equal((await send(lab, 'DELETE', `${lxc}/105`)).reason, 'CT is locked (backup)')
  t.equal(await finish(lab, 'POST', `${lxc}/105/status/start`), 'CT is locked (backup)')
})

t.test('snapshots keep disks and configuration, where the storage has them', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105))
  await finish(lab, 'POST', lxc, container(106, { rootfs: 'local:4' }))
  t.equal(await finish(lab, 'POST', `${lxc}/106/snapshot`, { snapname: 's1' }), 'snapshot feature is not available')
  await finish(lab, 'POST', `${lxc}/105/status/start`)
  await lab.guest(105).push('/root/file', Buffer.from('before'))
  t.equal(await finish(lab, 'POST', `${lxc}/105/snapshot`, { snapname: 's1', description: 'why' }), 'OK')
  await lab.guest(105).push('/root/later', Buffer.from('after'))
  await send(lab, 'PUT', `${lxc}/105/config`, { memory: 2048 })
  t.match((await send(lab, 'GET', `${lxc}/105/snapshot`)).body?.data, [
    { name: 's1', description: 'why\n' },
    { name: 'current', parent: 's1' },
  ])
  t.equal(await finish(lab, 'POST', `${lxc}/105/snapshot/s1/rollback`), 'OK')
  t.match((await send(lab, 'GET', `${lxc}/105/config`)).body?.data, { memory: 512 })
  t.equal(await finish(lab, 'DELETE', `${lxc}/105/snapshot/s1`), 'OK')
  t.match(await finish(lab, 'DELETE', `${lxc}/105/snapshot/s1`), /does not exist/)
})

t.test('a backup leaves out disks without `backup=1`, and makes the guest again', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:1,mp=/data', mp1: 'local-zfs:1,mp=/kept,backup=1' }))
  await finish(lab, 'POST', `${lxc}/105/status/start`)
  await lab.guest(105).push('/kept/file', Buffer.from('x'))
  t.equal(
    await finish(lab, 'POST', '/nodes/lab/vzdump', {
      vmid: 105,
      storage: 'local',
      mode: 'stop',
      'notes-template': 'of {{guestname}}',
    }),
    'OK',
  )
  const listed = await send(lab, 'GET', '/nodes/lab/storage/local/content', { content: 'backup', vmid: 105 })
  const [backup] = (listed.body?.data ?? []) as { volid: string; notes: string }[]
  t.equal(backup?.notes, 'of app105')
  const volid = backup?.volid ?? ''
  const restored = { vmid: 106, restore: 1, ostemplate: volid, pool: 'appstore', storage: 'local-zfs' }
  t.equal(await finish(lab, 'POST', lxc, restored), 'OK')
  t.notOk(lab.state.guests[106]?.config.mp0)
  t.match(lab.state.guests[106]?.config.mp1, /^local-zfs:subvol-106-disk-1,mp=\/kept,backup=1/)
  t.match(
    (await send(lab, 'POST', lxc, { ...restored, vmid: 105, force: 1 })).reason,
    "can't overwrite running container",
  )
  t.equal(await finish(lab, 'DELETE', `/nodes/lab/storage/local/content/${encodeURIComponent(volid)}`), 'OK')
  t.equal((await send(lab, 'POST', '/nodes/lab/vzdump', { vmid: 105, script: '/bin/sh' })).status, 403)
  t.equal((await send(lab, 'DELETE', `/nodes/lab/storage/local/content/${encodeURIComponent(template)}`)).status, 403)
})
