import { execFile } from 'node:child_process'
import { constants, type Stats } from 'node:fs'
import { lstat, open, opendir, readlink } from 'node:fs/promises'
import { posix } from 'node:path'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import type { GuardHost, GuardRun, Look } from './guard.ts'

/** Longest text that is read, and most output of a program on each stream, in bytes. */
const mostText = 1_048_576
const longestRun = 10_000
const mostEntries = 100
/** Proxmox VE needs one: /etc/pve/lxc leads to the directory of this node. */
const mostLinks = 4

/** Where a host's files are seen from, and who is trusted with them. */
export interface HostOptions {
  /** Directory that is the root of the host; by default the one of its init, which no private namespace hides. */
  readonly root?: string
  /** User id of the only account that may choose what is read; 0 by default. */
  readonly owner?: number
}

/** The host that this process runs on, as guards see it. */
export function hostOf({ root = '/proc/1/root', owner = 0 }: HostOptions = {}): GuardHost {
  return {
    read: async path => {
      const place = await trustedPlace(root, path, owner)
      return place === undefined ? undefined : textOf(place)
    },
    look: path => lookAt(root, path),
    run: runProgram,
  }
}

/** Links are followed here and not by the kernel, so that each is judged; undefined when there is nothing. */
async function trustedPlace(root: string, path: string, owner: number): Promise<string | undefined> {
  const isTrusted = ({ uid, mode }: Stats) => uid === owner && (mode & 0o022) === 0
  if (!isTrusted(await lstat(`${root}/`))) throw unsafe('/', 'may be written by others')
  let at = ''
  let rest = namesOf(path)
  for (let links = 0; rest.length > 0; ) {
    const next = `${at}/${rest[0]}`
    const entry = await existing(lstat(root + next))
    if (!entry) return undefined
    rest = rest.slice(1)
    if (entry.isSymbolicLink()) {
      links += 1
      if (entry.uid !== owner || links > mostLinks) throw unsafe(next, 'is a link')
      rest = [...namesOf(posix.resolve(at || '/', await readlink(root + next))), ...rest]
      at = ''
      continue
    }
    if (!isTrusted(entry)) throw unsafe(next, 'may be written by others')
    at = next
  }
  return root + at
}

async function textOf(place: string): Promise<string> {
  // Without O_NONBLOCK, a pipe would be waited for until somebody writes to it.
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) throw unsafe(place, 'is no file')
    const chunks: Buffer[] = []
    let length = 0
    // The size of what the kernel makes up is 0, so this reads until the end.
    while (length <= mostText) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, null)
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
      chunks.push(buffer.subarray(0, bytesRead))
      length += bytesRead
    }
    throw unsafe(place, `is longer than ${mostText} bytes`)
  } finally {
    await file.close()
  }
}

async function lookAt(root: string, path: string): Promise<Look | undefined> {
  const names = namesOf(path)
  for (let count = 1; count < names.length; count++) {
    const place = `/${names.slice(0, count).join('/')}`
    const entry = await existing(lstat(root + place))
    if (!entry) return undefined
    if (entry.isSymbolicLink()) throw unsafe(place, 'is a link')
  }
  const place = `${root}/${names.join('/')}`
  const entry = await existing(lstat(place))
  if (!entry) return undefined
  const { uid, gid } = entry
  const common = { uid, gid, mode: entry.mode & 0o7777 }
  if (entry.isDirectory()) return { kind: 'directory', ...common, entries: await entriesOf(place) }
  return { kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other', ...common }
}

async function entriesOf(directory: string): Promise<number> {
  let count = 0
  for await (const _entry of await opendir(directory)) if (++count === mostEntries) break
  return count
}

function runProgram([file = '', ...args]: readonly string[]): Promise<GuardRun> {
  const options = {
    ...{ cwd: '/', env: { LC_ALL: 'C' }, encoding: 'utf8' as const },
    ...{ timeout: longestRun, maxBuffer: mostText, killSignal: 'SIGKILL' as const },
  }
  return new Promise(settle => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0
      settle({ exitCode: typeof code === 'number' ? code : undefined, stdout, stderr })
    })
    // A program that is not there has no input to close.
    child.stdin?.on('error', () => {}).end()
  })
}

const namesOf = (path: string): string[] => posix.resolve('/', path).split('/').filter(Boolean)

const existing = <T>(promise: Promise<T>): Promise<T | undefined> =>
  promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })

const unsafe = (path: string, what: string): PrivexecError =>
  new PrivexecError('PRIVEXEC_FILE_UNREADABLE', `${escapeValue(path)} ${what}`)
