import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Authority } from './authority.ts'

const month = 30 * 86_400_000

/**
 * Sees to it that a volume has a certificate and key of its own, of this authority and good for a month at least; to be
 * called while its server does not run. `isFresh` makes new ones in any case, as for a volume that was copied from another.
 * Gives back whether something was written.
 */
export async function ensureServerCertificate(
  directory: string,
  authority: Authority,
  { isFresh = false, now = Date.now() }: { readonly isFresh?: boolean; readonly now?: number } = {},
): Promise<boolean> {
  if (!isFresh && (await isGood(directory, authority, now))) return false
  const { makeServerCertificate } = await import('./certificate.ts')
  const { certificate, key } = await makeServerCertificate(authority, now)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  // A crash in between leaves a pair that does not fit, which `isGood` finds.
  await replace(join(directory, 'server.key'), key)
  await replace(join(directory, 'server.crt'), certificate)
  return true
}

async function isGood(directory: string, authority: Authority, now: number): Promise<boolean> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(join(directory, 'server.crt'), 'utf8').then(text => new X509Certificate(text)),
      readFile(join(directory, 'server.key'), 'utf8').then(createPrivateKey),
    ])
    const issuer = new X509Certificate(authority.certificate)
    const lasts = Date.parse(certificate.validTo) - now > month && Date.parse(certificate.validFrom) <= now
    return lasts && certificate.checkPrivateKey(key) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
