import { createHash, webcrypto } from 'node:crypto'

/** A certificate and its key, PEM, with the authority that issued it. */
export interface ServerIdentity {
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** SHA-256 as `AB:CD:…`. */
  readonly fingerprint: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  // Its container for dependencies asks for metadata of decorators, and has none.
  const reflect = Reflect as unknown as Record<string, unknown>
  for (const name of ['getMetadata', 'getOwnMetadata', 'defineMetadata']) reflect[name] ??= () => undefined
  return import('@peculiar/x509')
}

/** Makes an authority, and a certificate of it for names and addresses; `age` days make it an old one. */
export async function makeIdentity(names: readonly string[], { days = 30 } = {}): Promise<ServerIdentity> {
  const x509 = await loadX509()
  const pair = () =>
    webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
  const [authority, server] = [await pair(), await pair()]
  const dates = { notBefore: new Date(Date.now() - 60 * day), notAfter: new Date(Date.now() + days * day) }
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...dates,
      notAfter: new Date(Date.now() + 90 * day),
      name: [{ CN: ['test authority'] }],
      keys: authority,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    },
    webcrypto,
  )
  const leaf = await x509.X509CertificateGenerator.create(
    {
      ...dates,
      subject: [{ CN: ['node'] }],
      issuer: root.subject,
      publicKey: server.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map(value => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
        ),
      ],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', server.privateKey)
  const digest = createHash('sha256').update(Buffer.from(leaf.rawData)).digest('hex').toUpperCase()
  return {
    ca: root.toString('pem'),
    certificate: leaf.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    fingerprint: (digest.match(/../g) ?? []).join(':'),
  }
}
