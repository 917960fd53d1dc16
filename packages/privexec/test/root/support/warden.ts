import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The warden of this tree. */
export const warden = fileURLToPath(new URL('../../../libexec/warden', import.meta.url))

const directories: string[] = []

/** A new directory that others may enter, for sockets and programs. It is gone when this process ends. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'privexec-root-'))
  chmodSync(directory, 0o755)
  if (directories.length === 0) process.on('exit', removeDirectories)
  directories.push(directory)
  return directory
}

function removeDirectories(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
}

/** Writes a program. */
export function programAt(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o755 })
  return path
}

/** A copy of the warden beside an `end-operation` that only writes down that it was called, to `called`. */
export function wardenBesideRecorder(): { readonly path: string; readonly called: string } {
  const directory = newDirectory()
  const called = join(directory, 'called')
  copyFileSync(warden, join(directory, 'warden'))
  programAt(join(directory, 'end-operation'), `#!/bin/sh\necho "$*" >'${called}.new'; mv '${called}.new' '${called}'\n`)
  return { path: join(directory, 'warden'), called }
}

/** A server that leaves each connection paused, and hands them out one by one. */
export async function pausedServer(
  path: string,
): Promise<{ readonly server: Server; readonly next: () => Promise<Socket> }> {
  const server = createServer({ pauseOnConnect: true })
  const arrived: Socket[] = []
  const waiting: ((socket: Socket) => void)[] = []
  server.on('connection', socket => {
    const take = waiting.shift()
    if (take) take(socket)
    else arrived.push(socket)
  })
  await new Promise<void>(resolve => server.listen({ path, writableAll: true }, resolve))
  const next = (): Promise<Socket> => {
    const socket = arrived.shift()
    return socket ? Promise.resolve(socket) : new Promise(resolve => waiting.push(resolve))
  }
  return { server, next }
}

/** A client that is connected. */
export const client = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket)).on('error', reject)
  })
