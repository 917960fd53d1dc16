import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { PgdError } from '../errors/error.ts'
import { homeOf } from '../home.ts'
import { scratchName, sweepScratch } from '../locks/scratch.ts'

/** The certificate authority of this account; it vouches for the servers of its branches, to its own clients. */
export interface Authority {
  /** File that `sslrootcert` names. */
  readonly certificatePath: string
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8; a secret. */
  readonly key: string
}

const names = { certificate: 'ca.crt', key: 'ca.key' } as const

/** `$XDG_DATA_HOME/pgd/authority`; a relative value counts as none, as its specification says. */
export function authorityDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = env.XDG_DATA_HOME ?? ''
  return join(isAbsolute(home) ? home : join(homeOf(env), '.local/share'), 'pgd/authority')
}

/**
 * Opens the authority, and makes it at the first time: whole or not at all, and one, however many ask at once. Rejects
 * with `PGD_FOREIGN` when its key may be read by others.
 */
export async function openAuthority(directory: string = authorityDirectory()): Promise<Authority> {
  return (await read(directory)) ?? (await make(directory))
}

async function read(directory: string): Promise<Authority | undefined> {
  const [certificatePath, keyPath] = [join(directory, names.certificate), join(directory, names.key)]
  try {
    const { mode, uid } = await stat(keyPath)
    if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
      const hint = `Remove ${directory}; it is made anew, and running branches get certificates of it when they restart`
      throw new PgdError('PGD_FOREIGN', `the key of the authority, ${keyPath}, is not for this account alone`, { hint })
    }
    const [certificate, key] = await Promise.all([readFile(certificatePath, 'utf8'), readFile(keyPath, 'utf8')])
    return { certificatePath, certificate, key }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function make(directory: string): Promise<Authority> {
  const parent = dirname(directory)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await sweepScratch(directory)
  const scratch = scratchName(directory)
  await mkdir(scratch, { mode: 0o700 })
  try {
    const { makeAuthority } = await import('./certificate.ts')
    const { certificate, key } = await makeAuthority()
    await writeDurably(join(scratch, names.key), key, 0o600)
    await writeDurably(join(scratch, names.certificate), certificate, 0o644)
    // A directory that is there with files in it is not replaced: the first one stays.
    await rename(scratch, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const made = await read(directory)
  if (made !== undefined) return made
  const message = `${directory} is there, and holds no authority`
  throw new PgdError('PGD_FOREIGN', message, { hint: 'Look at what is in it, and move it away' })
}

/** Writes a new file, and does not return before it is on the disk. */
async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
