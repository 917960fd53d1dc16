import { lstat, readdir, readFile, readlink, statfs } from 'node:fs/promises'
import { call } from '../auxiliary/call.ts'

/** What was read, or the name of the system's error, such as ENOENT or EACCES. */
export type Reading<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly fault: string; readonly value?: never }

/** What is known of a file without opening it. */
export interface Entry {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly uid: number
  readonly gid: number
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** How a program ended; without an exit code it could not be started, or took too long. */
export interface Outcome {
  readonly exitCode?: number
  readonly stdout: string
  readonly stderr: string
}

/** The machine as the doctor sees it. It only looks: nothing here changes anything. No function rejects. */
export interface Machine {
  /** User id of this process. */
  readonly uid: number
  read(path: string): Promise<Reading<Buffer>>
  /** Of the path itself, not of what a link leads to. */
  look(path: string): Promise<Reading<Entry>>
  link(path: string): Promise<Reading<string>>
  list(path: string): Promise<Reading<readonly string[]>>
  /** Bytes that an account other than root may still write on the file system of a path. */
  free(path: string): Promise<Reading<number>>
  /** Runs a program by absolute path, without a shell, with an environment of its own. */
  run(argv: readonly [string, ...string[]], input?: string): Promise<Outcome>
}

const reading = <T>(promise: Promise<T>): Promise<Reading<T>> =>
  promise.then(
    value => ({ value }),
    (error: NodeJS.ErrnoException) => ({ fault: error.code ?? 'EIO' }),
  )

/** This machine. */
export const thisMachine: Machine = {
  uid: process.getuid?.() ?? -1,
  read: path => reading(readFile(path)),
  look: path => reading(lstat(path).then(entryOf)),
  link: path => reading(readlink(path)),
  list: path => reading(readdir(path)),
  free: path => reading(statfs(path).then(({ bavail, bsize }) => bavail * bsize)),
  run: async ([file, ...args], input) => {
    const { status, stdout, stderr } = await call(file, args, input)
    return { ...(status === undefined ? {} : { exitCode: status }), stdout, stderr }
  },
}

function entryOf(stat: Awaited<ReturnType<typeof lstat>>): Entry {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'link' : 'other'
  return {
    kind,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mode: Number(stat.mode) & 0o7777,
    modified: Number(stat.mtimeMs),
  }
}

/** The text of a file. */
export async function readText(machine: Machine, path: string): Promise<Reading<string>> {
  const { value, fault } = await machine.read(path)
  return fault === undefined ? { value: value.toString('utf8') } : { fault }
}
