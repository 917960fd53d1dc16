import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { startLab } from '../src/index.ts'
import { asRoot, container, finish, labFor, send } from './support/client.ts'

t.test(
  'a later lab in the same directory goes on: guests, rights, secrets, certificate, and what was broken off',
  async t => {
    const directory = mkdtempSync(join(tmpdir(), 'proxmox-lab-'))
    t.teardown(() => rmSync(directory, { recursive: true, force: true }))
    const first = await startLab({ directory })
    await finish(first, 'POST', '/nodes/lab/lxc', container(105))
    await finish(first, 'POST', '/nodes/lab/lxc', container(106, { onboot: 1 }))
    for (const vmid of [105, 106]) await finish(first, 'POST', `/nodes/lab/lxc/${vmid}/status/start`)
    first.faults.add({ kind: 'task-hang' })
    const upid = String((await send(first, 'POST', '/nodes/lab/lxc', container(107))).body?.data)
    // As a crash leaves it: the file of the state as it is now.
    const crashed = readFileSync(join(directory, 'state.json'))
    await first.stop()
    writeFileSync(join(directory, 'state.json'), crashed)

    const second = await labFor(t, { directory })
    t.same([second.fingerprint, second.tokenSecret], [first.fingerprint, first.tokenSecret])
    const task = await send(second, 'GET', `/nodes/lab/tasks/${upid}/status`)
    t.match(task.body?.data, { status: 'stopped', exitstatus: 'unexpected status' })
    t.same(second.state.guests[107]?.config, { lock: 'create' })
    const started = second.state.tasks.findLast(({ type }) => type === 'vzstart')
    await second.waitFor(started?.upid ?? '')
    t.match((await send(second, 'GET', '/nodes/lab/lxc/105/status/current')).body?.data, { status: 'stopped' })
    t.match((await send(second, 'GET', '/nodes/lab/lxc/106/status/current')).body?.data, { status: 'running' })
  },
)

t.test('the certificate is signed by the CA and has the fingerprint that is told', async t => {
  const lab = await labFor(t)
  const socket = connect({ port: lab.port, host: '127.0.0.1', ca: lab.caPem })
  await once(socket, 'secureConnect')
  const certificate = new X509Certificate(socket.getPeerCertificate().raw)
  t.equal(certificate.fingerprint256, lab.fingerprint)
  t.ok(certificate.verify(new X509Certificate(lab.caPem).publicKey))
  socket.destroy()
})

t.test('version 8 tells what is wrong in the status line only, and has ids of lists as text', async t => {
  const lab = await labFor(t, { version: 8 })
  const refused = await send(lab, 'GET', '/nodes/lab/lxc/999/config')
  t.same([refused.reason, refused.body], ['Permission check failed (/vms/999, VM.Audit)', { data: null }])
  const invalid = await send(lab, 'GET', '/cluster/resources', { type: 'x' })
  t.equal(invalid.body?.message, undefined)
  t.ok(invalid.body?.errors?.type)
  await finish(lab, 'POST', '/nodes/lab/lxc', container(105))
  t.match((await send(lab, 'GET', '/nodes/lab/lxc')).body?.data, [{ vmid: '105' }])
  t.equal((await send(lab, 'POST', '/nodes/lab/lxc', container(106, { env: 'A=b' }))).status, 400)
})

t.test('users, roles, entries and tokens are made by who may, and a new token works', async t => {
  const lab = await labFor(t)
  const root = asRoot(lab)
  t.equal((await send(lab, 'POST', '/access/roles', { roleid: 'X', privs: 'VM.Audit' })).status, 403)
  t.equal((await send(lab, 'POST', '/access/roles', { roleid: 'X', privs: 'VM.Audit' }, root)).status, 200)
  t.equal((await send(lab, 'POST', '/access/roles', { roleid: 'Y', privs: 'VM.None' }, root)).status, 400)
  await send(lab, 'POST', '/pools', { poolid: 'more' }, root)
  await send(lab, 'POST', '/access/users', { userid: 'x@pve' }, root)
  const made = await send(lab, 'POST', '/access/users/x@pve/token/tok', { privsep: 1 }, root)
  const token = (made.body?.data ?? {}) as { 'full-tokenid': string; value: string }
  const options = { authorization: `PVEAPIToken=${token['full-tokenid']}=${token.value}` }
  t.same((await send(lab, 'GET', '/access/permissions', {}, options)).body?.data, {})
  const acl = { path: '/pool/more', roles: 'X', users: 'x@pve', tokens: 'x@pve!tok' }
  t.equal((await send(lab, 'PUT', '/access/acl', acl)).status, 403)
  t.equal((await send(lab, 'PUT', '/access/acl', acl, root)).status, 200)
  t.same((await send(lab, 'GET', '/access/permissions', {}, options)).body?.data, { '/pool/more': { 'VM.Audit': 1 } })
  t.equal((await send(lab, 'DELETE', '/access/users/x@pve/token/tok', {}, root)).status, 200)
  t.equal((await send(lab, 'GET', '/version', {}, options)).status, 401)
  t.equal((await send(lab, 'DELETE', '/pools/more', {}, root)).status, 200)
})

t.test('what a node keeps below /etc/pve is written for guards to read', async t => {
  const etcPve = mkdtempSync(join(tmpdir(), 'etc-pve-'))
  t.teardown(() => rmSync(etcPve, { recursive: true, force: true }))
  const lab = await labFor(t, { etcPve })
  await finish(lab, 'POST', '/nodes/lab/lxc', container(105, { description: 'a: b\n%\nappstore: install=x store=y' }))
  await send(lab, 'PUT', '/nodes/lab/lxc/105/config', { tags: 'appstore;managed' })
  const text = readFileSync(join(etcPve, 'lxc/105.conf'), 'utf8')
  t.match(text, /^#a%3A b\n#%25\n#appstore%3A install=x store=y\narch: amd64\n/)
  t.match(text, /^tags: appstore;managed$/m)
  t.match(readFileSync(join(etcPve, 'user.cfg'), 'utf8'), /^pool:appstore::105::$/m)
  await finish(lab, 'DELETE', '/nodes/lab/lxc/105')
  t.throws(() => readFileSync(join(etcPve, 'lxc/105.conf')), { code: 'ENOENT' })
})
