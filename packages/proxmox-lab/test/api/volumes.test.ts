import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Lab } from '../../src/index.ts'
import { container, finish, labFor, send } from '../support/client.ts'

const lxc = '/nodes/lab/lxc'
const disks = (lab: Lab): string[] =>
  Object.keys(lab.state.volumes).filter(id => lab.state.volumes[id]?.content === 'rootdir')
const config = (lab: Lab, vmid: number): Record<string, string> => lab.state.guests[vmid]?.config ?? {}

t.test('a disk that is only taken out of the configuration is lost with the guest', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:1,mp=/data' }))
  t.equal((await send(lab, 'PUT', `${lxc}/105/config`, { delete: 'mp0' })).status, 200)
  t.equal(config(lab, 105).unused0, 'local-zfs:subvol-105-disk-1')
  t.equal(disks(lab).length, 2)
  t.equal(await finish(lab, 'DELETE', `${lxc}/105`, { 'destroy-unreferenced-disks': 0 }), 'OK')
  t.same(disks(lab), [])
})

t.test('of a running guest the removal of a disk waits, and the disk is still in use', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:1,mp=/data' }))
  await finish(lab, 'POST', `${lxc}/105/status/start`)
  await send(lab, 'PUT', `${lxc}/105/config`, { delete: 'mp0', memory: 1024 })
  t.equal(config(lab, 105).memory, '1024', 'memory is changed at once')
  t.ok(config(lab, 105).mp0)
  const pending = await send(lab, 'GET', `${lxc}/105/pending`)
  t.match(
    ((pending.body?.data ?? []) as { key: string }[]).find(({ key }) => key === 'mp0'),
    { delete: 1 },
  )
  await finish(lab, 'POST', `${lxc}/105/status/stop`)
  t.equal(config(lab, 105).unused0, 'local-zfs:subvol-105-disk-1')
  t.notOk(config(lab, 105).mp0)
})

t.test('a disk that was moved to another guest belongs to that one, with its content', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:1,mp=/data,backup=1' }))
  await finish(lab, 'POST', lxc, container(106))
  await finish(lab, 'POST', `${lxc}/105/status/start`)
  await lab.guest(105).push('/data/kept', Buffer.from('x'))
  const move = { volume: 'mp0', 'target-vmid': 106, 'target-volume': 'mp3' }
  t.match((await send(lab, 'POST', `${lxc}/105/move_volume`, move)).reason, /of a running container/)
  await finish(lab, 'POST', `${lxc}/105/status/stop`)
  t.equal(await finish(lab, 'POST', `${lxc}/105/move_volume`, move), 'OK')
  t.equal(config(lab, 106).mp3, 'local-zfs:subvol-106-disk-1,mp=/data,backup=1,size=1G')
  t.notOk(config(lab, 105).mp0)
  t.equal(await finish(lab, 'DELETE', `${lxc}/105`), 'OK')
  const mount = lab.guest(106).view.mounts.find(({ key }) => key === 'mp3')
  t.ok(existsSync(join(mount?.directory ?? '', 'kept')))
  t.match((await send(lab, 'POST', `${lxc}/106/move_volume`, { ...move, volume: 'rootfs' })).status, 500)
  lab.addForeignGuest({ vmid: 200, hostname: 'other' })
  const foreign = { volume: 'mp3', 'target-vmid': 200 }
  t.equal(
    (await send(lab, 'POST', `${lxc}/106/move_volume`, foreign)).reason,
    'Permission check failed (/vms/200, VM.Config.Disk)',
  )
})

t.test('a disk grows and never shrinks', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105))
  const resize = (size: string) => send(lab, 'PUT', `${lxc}/105/resize`, { disk: 'rootfs', size })
  t.equal(await finish(lab, 'PUT', `${lxc}/105/resize`, { disk: 'rootfs', size: '+2G' }), 'OK')
  t.match(config(lab, 105).rootfs, /size=6G$/)
  t.equal((await resize('1G')).reason, 'unable to shrink disk size')
  t.equal((await resize('6G')).reason, 'disk is already at specified size')
  t.equal((await resize('-1G')).status, 400)
  t.match(await finish(lab, 'PUT', `${lxc}/105/resize`, { disk: 'rootfs', size: '9T' }), /No space left/)
})

t.test('protection keeps a guest and its disks', async t => {
  const lab = await labFor(t)
  await finish(lab, 'POST', lxc, container(105, { mp0: 'local-zfs:1,mp=/data', protection: 1 }))
  t.equal((await send(lab, 'DELETE', `${lxc}/105`)).reason, "can't remove CT 105 - protection mode enabled")
  t.match((await send(lab, 'PUT', `${lxc}/105/config`, { delete: 'mp0' })).reason, /protection mode enabled$/)
})
