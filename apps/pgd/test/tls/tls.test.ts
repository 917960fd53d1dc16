import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls, createServer } from 'node:tls'
import t from 'tap'
import { authorityDirectory, openAuthority } from '../../src/tls/authority.ts'
import { lifetime, makeServerCertificate } from '../../src/tls/certificate.ts'
import { ensureServerCertificate } from '../../src/tls/server.ts'

const day = 86_400_000

t.test('an authority is made once, however many ask at once, and is for its account alone', async t => {
  const directory = join(t.testdir(), 'data/pgd/authority')
  const all = await Promise.all(Array.from({ length: 8 }, () => openAuthority(directory)))
  t.equal(new Set(all.map(one => one.key)).size, 1)
  t.strictSame(readdirSync(join(directory, '..')), ['authority'], 'the others left nothing')
  t.strictSame(readdirSync(directory).sort(), ['ca.crt', 'ca.key'])
  t.equal(statSync(directory).mode & 0o777, 0o700)
  t.equal(statSync(join(directory, 'ca.key')).mode & 0o777, 0o600)
  t.equal((await openAuthority(directory)).key, all[0]?.key, 'and is found again')
  const certificate = new X509Certificate(all[0]?.certificate ?? '')
  t.ok(certificate.ca)
  t.ok(certificate.checkPrivateKey(createPrivateKey(all[0]?.key ?? '')))
})

t.test('a key that others may read is no authority', async t => {
  const directory = join(t.testdir(), 'authority')
  await openAuthority(directory)
  chmodSync(join(directory, 'ca.key'), 0o640)
  await t.rejects(openAuthority(directory), { code: 'PGD_FOREIGN' })
})

t.test('a directory with something else in it is left alone', async t => {
  const directory = join(t.testdir(), 'authority')
  mkdirSync(directory)
  writeFileSync(join(directory, 'notes'), 'mine')
  await t.rejects(openAuthority(directory), { code: 'PGD_FOREIGN' })
  t.strictSame(readdirSync(directory), ['notes'])
})

t.test('the authority is where the environment says', async t => {
  t.equal(authorityDirectory({ XDG_DATA_HOME: '/x', HOME: '/h' }), '/x/pgd/authority')
  t.equal(authorityDirectory({ HOME: '/h' }), '/h/.local/share/pgd/authority')
  t.equal(authorityDirectory({ XDG_DATA_HOME: 'x', HOME: '/h' }), '/h/.local/share/pgd/authority')
})

t.test('a client that verifies takes a server for localhost, and for nobody else', async t => {
  const root = t.testdir()
  const authority = await openAuthority(join(root, 'authority'))
  const other = await openAuthority(join(root, 'other'))
  t.ok(await ensureServerCertificate(join(root, 'tls'), authority))
  const [cert, key] = ['server.crt', 'server.key'].map(name => readFileSync(join(root, 'tls', name), 'utf8'))
  const server = createServer({ cert: cert ?? '', key: key ?? '' }, socket => socket.end()).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const outcome = (ca: string, name: string): Promise<string> =>
    new Promise(resolve => {
      const socket = connectTls({ port, host: '127.0.0.1', ca, ...(name === '' ? {} : { servername: name }) })
      socket
        .once('secureConnect', () => resolve('accepted'))
        .once('error', error => resolve((error as { code?: string }).code ?? ''))
      t.teardown(() => socket.destroy())
    })
  t.equal(await outcome(authority.certificate, 'localhost'), 'accepted')
  t.equal(await outcome(authority.certificate, ''), 'accepted', 'by its address')
  t.equal(await outcome(authority.certificate, 'example.org'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.not(await outcome(other.certificate, 'localhost'), 'accepted')
  t.equal(new X509Certificate(cert ?? '').checkIP('::1'), '::1')
})

t.test('a certificate is made anew when it is not ours, does not fit, or ends soon, and not before', async t => {
  const root = t.testdir()
  const directory = join(root, 'tls')
  const authority = await openAuthority(join(root, 'authority'))
  const made = (options = {}, by = authority) => ensureServerCertificate(directory, by, options)
  t.equal(await made(), true, 'where there is none')
  t.equal(await made(), false)
  t.equal(statSync(join(directory, 'server.key')).mode & 0o777, 0o600)
  t.equal(await made({ isFresh: true }), true, 'when asked for')
  t.equal(await made({ now: Date.now() + (lifetime.server - 31) * day }), false)
  t.equal(await made({ now: Date.now() + (lifetime.server - 29) * day }), true, 'in its last month')
  t.equal(await made({ isFresh: true }), true)
  const { key } = await makeServerCertificate(authority)
  writeFileSync(join(directory, 'server.key'), key)
  t.equal(await made(), true, 'when the key is another one')
  t.equal(await made({}, await openAuthority(join(root, 'other'))), true, 'when another authority made it')
  t.equal(await made(), true)
  t.strictSame(readdirSync(directory).sort(), ['server.crt', 'server.key'])
})

t.test('no certificate outlives its authority', async t => {
  const authority = await openAuthority(join(t.testdir(), 'authority'))
  const last = Date.parse(new X509Certificate(authority.certificate).validTo)
  const { certificate } = await makeServerCertificate(authority, last - 10 * day)
  t.equal(Date.parse(new X509Certificate(certificate).validTo), last)
})

t.test('loading the library leaves no traces of metadata behind', async t => {
  await makeServerCertificate(await openAuthority(join(t.testdir(), 'authority')))
  t.notOk('getMetadata' in Reflect)
})
