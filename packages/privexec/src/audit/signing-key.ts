import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { syncFolder } from './file.ts'
import { encodeVerifier, type NoteSigner, parseVerifier } from './note.ts'
import { systemCode, unavailable } from './unavailable.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * The key that signs checkpoints of an audit file: `<file>.key` (PKCS #8, mode 0600) and `<file>.pub` (its public half,
 * to be kept elsewhere). Made on first use under `origin`, by default `<host>/privexec/<name of the file>`. Who can read
 * it can sign, so it protects what was kept elsewhere before, not what comes after the account is lost.
 */
export function signingKey(file: string, origin: string = defaultOrigin(file)): NoteSigner {
  try {
    const pem = readKey(`${file}.key`) ?? createKey(`${file}.key`)
    const privateKey = createPrivateKey(pem)
    const text = readText(`${file}.pub`)
    // The name is what the public file says: it must not change with the name of the host.
    const signer = { name: text === undefined ? origin : parseVerifier(text).name, privateKey }
    const verifier = encodeVerifier(signer)
    if (text === undefined) place(`${file}.pub`, `${verifier}\n`, 0o644)
    else if (text.trim() !== verifier) throw unavailable(`${file}.pub`, 'is not the public half of the key beside it')
    return signer
  } catch (error) {
    throw systemCode(error)?.startsWith('PRIVEXEC_') ? error : unavailable(`${file}.key`, 'cannot be used', error)
  }
}

function defaultOrigin(file: string): string {
  return `${hostname()}/privexec/${basename(file)}`.replace(/[^!-*,-~]/g, '-').slice(0, 256)
}

function readKey(path: string): string | undefined {
  return readText(path, mode => (mode & 0o077) === 0 || fail(path, 'can be read by others'))
}

function readText(path: string, check: (mode: number) => boolean = () => true): string | undefined {
  let fd: number
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) fail(path, 'is not a regular file')
    check(stat.mode)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function createKey(path: string): string {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  place(path, String(pem), 0o600)
  // Another process may have been first; then its key counts.
  return readKey(path) ?? fail(path, 'was removed')
}

/** Writes a file that appears whole or not at all, and never replaces one. */
function place(path: string, text: string, mode: number): void {
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  const fd = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
    linkSync(draft, path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  } finally {
    closeSync(fd)
    rmSync(draft, { force: true })
  }
  syncFolder(path)
}

function fail(path: string, what: string): never {
  throw unavailable(path, what)
}
