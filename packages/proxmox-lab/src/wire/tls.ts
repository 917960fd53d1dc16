import { createHash, webcrypto } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keys and certificates of a node, PEM; the fingerprint is the SHA-256 of the server's, in pairs with colons. */
export interface Identity {
  readonly caPem: string
  readonly certificatePem: string
  readonly keyPem: string
  readonly fingerprint: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hour = 3_600_000
const tenYears = 10 * 365 * 24 * hour

/** The identity that the directory keeps; the first time it makes one. */
export async function identityIn(directory: string, node: string): Promise<Identity> {
  const file = join(directory, 'identity.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Identity
  const identity = await makeIdentity(node)
  writeFileSync(file, JSON.stringify(identity), { mode: 0o600 })
  return identity
}

/** Makes a CA of the node's own and, signed by it, the certificate for loopback and the node's name. */
async function makeIdentity(node: string): Promise<Identity> {
  const x509 = await loadX509()
  const ca = await keyPair()
  const server = await keyPair()
  const dates = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + tenYears) }
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...dates,
      name: [{ CN: ['Proxmox Virtual Environment'] }, { OU: ['lab'] }, { O: ['PVE Cluster Manager CA'] }],
      keys: ca,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        await x509.SubjectKeyIdentifierExtension.create(ca.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...dates,
      subject: [{ CN: [node] }, { OU: ['PVE Cluster Node'] }, { O: ['Proxmox Virtual Environment'] }],
      issuer: root.subject,
      publicKey: server.publicKey,
      signingKey: ca.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
          { type: 'dns', value: node },
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(root, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', server.privateKey)
  return {
    caPem: `${root.toString('pem')}\n`,
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    fingerprint: fingerprintOf(Buffer.from(certificate.rawData)),
  }
}

const keyPair = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

function fingerprintOf(der: Buffer): string {
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase()
  return hex.replace(/(..)(?=.)/g, '$1:')
}

/** The library asks for metadata of decorators while it loads, and refuses where nobody answers. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  const reflect = Reflect as unknown as Record<string, unknown>
  const missing = ['getMetadata', 'getOwnMetadata', 'defineMetadata'].filter(name => reflect[name] === undefined)
  for (const name of missing) reflect[name] = () => undefined
  try {
    return await import('@peculiar/x509')
  } finally {
    for (const name of missing) delete reflect[name]
  }
}
