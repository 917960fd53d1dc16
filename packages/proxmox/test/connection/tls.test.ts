import t from 'tap'
import { parseFingerprint } from '../../src/index.ts'
import { makeIdentity } from '../support/certificates.ts'
import { clientOf, fakeServer, rejection, secret } from '../support/server.ts'

const version = () => ({ body: { data: { version: '9.1.3', release: '9.1' } } })

t.test('the authority of the server is accepted, and nobody else', async t => {
  const server = await fakeServer(t, version)
  const proxmox = await clientOf(t, server, { tls: { ca: server.identity.ca } })
  t.match(await proxmox.version.get(), { version: '9.1.3', major: 9 })

  const other = await makeIdentity(['127.0.0.1'])
  const wrong = await clientOf(t, server, { tls: { ca: other.ca } })
  const before = server.seen.length
  t.match(await rejection(wrong.version.get()), {
    code: 'PROXMOX_CERTIFICATE_REFUSED',
    isUntrusted: true,
    mayHaveRun: false,
  })
  t.equal(server.seen.length, before, 'no request got there, so no token either')
})

t.test('without authority and pin a certificate of nobody is refused', async t => {
  const server = await fakeServer(t, version)
  const proxmox = await clientOf(t, server, { tls: {} })
  t.match(await rejection(proxmox.version.get()), { code: 'PROXMOX_CERTIFICATE_REFUSED' })
  t.equal(server.seen.length, 0)
})

t.test('a pin accepts that certificate, whatever its issuer and names are', async t => {
  const identity = await makeIdentity(['elsewhere.example'])
  const server = await fakeServer(t, version, { identity })
  for (const fingerprint of [identity.fingerprint, identity.fingerprint.replaceAll(':', '').toLowerCase()]) {
    const proxmox = await clientOf(t, server, { tls: { fingerprint } })
    t.match(await proxmox.version.get(), { major: 9 })
  }
})

t.test('another certificate than the pinned one is refused, and the error shows its fingerprint', async t => {
  const server = await fakeServer(t, version)
  const other = await makeIdentity(['127.0.0.1'])
  for (const tls of [{ fingerprint: other.fingerprint }, { fingerprint: other.fingerprint, ca: server.identity.ca }]) {
    const proxmox = await clientOf(t, server, { tls })
    const error = await rejection(proxmox.version.get())
    t.match(error, { code: 'PROXMOX_CERTIFICATE_REFUSED', fingerprint: server.identity.fingerprint })
    t.notMatch(error.message, secret)
  }
  t.equal(server.seen.length, 0, 'no request got there')
})

t.test('pin and authority must both hold', async t => {
  const server = await fakeServer(t, version)
  const other = await makeIdentity(['127.0.0.1'])
  const { fingerprint, ca } = server.identity
  const both = await clientOf(t, server, { tls: { fingerprint, ca } })
  t.match(await both.version.get(), { major: 9 })
  const wrong = await clientOf(t, server, { tls: { fingerprint, ca: other.ca } })
  t.match(await rejection(wrong.version.get()), { code: 'PROXMOX_CERTIFICATE_REFUSED' })
})

t.test('a certificate of the authority for another name is refused, unless that name is expected', async t => {
  const identity = await makeIdentity(['pve.example'])
  const server = await fakeServer(t, version, { identity })
  const proxmox = await clientOf(t, server, { tls: { ca: identity.ca } })
  t.match(await rejection(proxmox.version.get()), {
    code: 'PROXMOX_CERTIFICATE_REFUSED',
    message: /ERR_TLS_CERT_ALTNAME_INVALID/,
  })
  const named = await clientOf(t, server, { tls: { ca: identity.ca, servername: 'pve.example' } })
  t.match(await named.version.get(), { major: 9 })
})

t.test('an expired certificate is refused', async t => {
  const identity = await makeIdentity(['127.0.0.1'], { days: -1 })
  const server = await fakeServer(t, version, { identity })
  const proxmox = await clientOf(t, server, { tls: { ca: identity.ca } })
  t.match(await rejection(proxmox.version.get()), { code: 'PROXMOX_CERTIFICATE_REFUSED', message: /EXPIRED/ })
})

t.test('only an explicit setting takes any certificate, and it warns', async t => {
  const server = await fakeServer(t, version)
  const warned: object[] = []
  const emitted: string[] = []
  const listen = (warning: Error & { code?: string }): void => void emitted.push(warning.code ?? '')
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const log = { debug: () => {}, warn: (fields: object) => void warned.push(fields) }
  const proxmox = await clientOf(t, server, { tls: { insecure: true }, log })
  t.match(await proxmox.version.get(), { major: 9 })
  t.match(warned, [{ code: 'PROXMOX_TLS_INSECURE' }])
  await new Promise(resolve => setImmediate(resolve))
  t.ok(emitted.includes('PROXMOX_TLS_INSECURE'))
})

t.test('settings that contradict or are none are refused before anything is sent', async t => {
  const server = await fakeServer(t, version)
  for (const [tls, field] of [
    [{ insecure: true, ca: server.identity.ca }, 'tls.insecure'],
    [{ ca: 'no certificate' }, 'tls.ca'],
    [{ fingerprint: 'AB:CD' }, 'tls.fingerprint'],
  ] as const) {
    t.match(await rejection(clientOf(t, server, { tls })), { code: 'PROXMOX_INPUT_INVALID', field })
  }
  t.throws(() => parseFingerprint(`${'AB'.repeat(31)}GG`), { code: 'PROXMOX_INPUT_INVALID', field: 'tls.fingerprint' })
})
