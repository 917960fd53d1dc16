import { X509Certificate } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { AppstoreError } from '../errors/error.ts'
import { loadX509 } from './x509.ts'

/** Key and certificate of the server, PEM, and its fingerprint. */
export interface Identity {
  readonly key: string
  readonly cert: string
  /** SHA-256, pairs with colons, as browsers show it. */
  readonly fingerprint: string
}

/** Days that a certificate of our own is valid; Apple's systems refuse more than 825. */
const days = 825

/**
 * The certificate of the daemon: that of the configuration, else one of its own, made on first use and again when it runs
 * out or lacks a name. People compare its fingerprint once.
 */
export async function identityOf(
  directory: string,
  names: readonly string[],
  given: { readonly certificate?: string; readonly key?: string } = {},
): Promise<Identity> {
  const path = { key: given.key ?? join(directory, 'tls.key'), cert: given.certificate ?? join(directory, 'tls.crt') }
  const isOwn = given.certificate === undefined
  try {
    const found = { key: readFileSync(path.key, 'utf8'), cert: readFileSync(path.cert, 'utf8') }
    if (!isOwn || isFresh(found.cert, names)) return withFingerprint(found)
  } catch (cause) {
    if (!isOwn || (cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new AppstoreError(
        'APPSTORE_CONFIG_INVALID',
        `The certificate cannot be read: ${(cause as Error).message}`,
        { cause },
      )
    }
  }
  const made = await make(names)
  write(path.key, made.key, 0o600)
  write(path.cert, made.cert, 0o644)
  return withFingerprint(made)
}

const withFingerprint = (identity: { key: string; cert: string }): Identity => ({
  ...identity,
  fingerprint: new X509Certificate(identity.cert).fingerprint256,
})

function isFresh(cert: string, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert)
  const lasts = new Date(certificate.validTo).getTime() - Date.now() > 30 * 86_400_000
  return (
    lasts && names.every(name => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
  )
}

async function make(names: readonly string[]): Promise<{ key: string; cert: string }> {
  const x509 = await loadX509()
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex'),
    name: 'CN=appstore',
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + days * 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new x509.SubjectAlternativeNameExtension(
        names.map(name => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = key.match(/.{1,64}/g)?.join('\n') ?? ''
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    cert: `${certificate.toString('pem')}\n`,
  }
}

function write(path: string, text: string, mode: number): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', mode)
  try {
    chmodSync(draft, mode)
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}
