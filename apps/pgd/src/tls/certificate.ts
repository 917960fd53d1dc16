import { webcrypto } from 'node:crypto'
import { loadX509 } from './x509.ts'

/** A certificate and its key, both PEM. */
export interface Pair {
  readonly certificate: string
  /** PKCS #8; a secret. */
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000
/** Days that certificates are good for. */
export const lifetime = { authority: 7300, server: 730 } as const
/** A clock that is behind by less than this takes a new certificate. */
const slack = day

/** Makes a certificate authority, which may vouch for servers directly, and for nothing further. */
export async function makeAuthority(now = Date.now()): Promise<Pair> {
  const x509 = await loadX509()
  const keys = await generate()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // The part of a random number keeps apart the authorities of accounts, and of one that was made anew.
      name: [{ CN: [`pgd authority ${serial().slice(0, 8)}`] }],
      serialNumber: serial(),
      notBefore: new Date(now - slack),
      notAfter: new Date(now + lifetime.authority * day),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  )
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) }
}

/** Makes the certificate of a server on this machine: `localhost`, and its two addresses. */
export async function makeServerCertificate(authority: Pair, now = Date.now()): Promise<Pair> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const der = x509.PemConverter.decodeFirst(authority.key)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const keys = await generate()
  const last = Math.min(now + lifetime.server * day, issuer.notAfter.getTime())
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: ['localhost'] }],
      issuer: issuer.subject,
      serialNumber: serial(),
      notBefore: new Date(now - slack),
      notAfter: new Date(last),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  )
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) }
}

const generate = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

/** 16 bytes in hexadecimal, positive as a number and without a leading zero. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  const { PemConverter } = await loadX509()
  return `${PemConverter.encode(der, 'PRIVATE KEY')}\n`
}
