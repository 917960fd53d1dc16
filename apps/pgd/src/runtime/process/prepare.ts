import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PgdError } from '../../errors/error.ts'
import { holderOf, readHolder, thisProcess } from '../../locks/holder.ts'
import { type Prepared, type ServerSpec, whereData } from '../runtime.ts'
import { endServer } from './end.ts'
import { environment } from './environment.ts'
import { endOfLog, lastLines, openLog } from './log.ts'
import type { Notes } from './notes.ts'
import { postmasterOf } from './postmaster.ts'
import type { Programs } from './programs.ts'

const loopback = ['127.0.0.1', '::1'] as const

/** Prepares a server that outlives this process: nothing is done before its volume is there, when it starts. */
export function prepareServer(spec: ServerSpec, { bin }: Programs, notes: Notes): Prepared {
  const ended = Promise.withResolvers<string>()
  let isBegun = false
  return {
    ended: ended.promise,
    start: async () => {
      await checkVolume(spec)
      await clear(spec.volume)
      isBegun = true
      if (spec.port !== undefined) await checkPort(spec.port)
      const note = { key: spec.key, volume: spec.volume, boot: bootOf(thisProcess()) }
      const noted = spec.port === undefined ? note : { ...note, port: spec.port }
      // Before the start, so that a server whose starter is killed is found by its volume.
      await notes.write(noted)
      const pid = await launch(join(bin, 'postgres'), spec, text => ended.resolve(text))
      const server = holderOf(pid) ?? readHolder(`${pid}:0:`)
      await notes.write(server === undefined ? noted : { ...noted, process: server })
    },
    discard: async () => {
      // A server of the same key that was there before is none of ours.
      if (!isBegun) return
      const { process } = (await notes.read(spec.key)) ?? {}
      const server = process ?? postmasterOf(spec.volume)?.process
      if (server !== undefined) await endServer(server, 0, 'immediate')
      await notes.remove(spec.key)
    },
  }
}

const bootOf = (holder: string): string => holder.split(':')[2] ?? ''

/** Data of another version, or none at all, are never started, nor made. */
async function checkVolume({ volume, kind, project, branch }: ServerSpec): Promise<void> {
  const text = await readFile(join(volume, 'data/PG_VERSION'), 'utf8').catch((error: unknown) => {
    throw new PgdError('PGD_NOT_MOUNTED', `there are no data of ${project}/${branch} in ${volume}`, {
      hint: whereData,
      cause: error,
    })
  })
  if (Number(text) === kind.version) return
  const message = `the data of ${project}/${branch} are of PostgreSQL ${Number(text)}, not ${kind.version}`
  throw new PgdError('PGD_SERVER_FAILED', message)
}

/**
 * Ends a server that still runs on these data, and removes what one left that ended in disorder, or whose files were
 * copied: a number that is another process's by now would keep PostgreSQL from starting, and an old socket misleads.
 */
async function clear(volume: string): Promise<void> {
  const running = postmasterOf(volume)
  if (running !== undefined) await endServer(running.process, 10)
  await rm(join(volume, 'data/postmaster.pid'), { force: true })
  const run = join(volume, 'run')
  const sockets = (await readdir(run).catch(() => [])).filter(name => name.startsWith('.s.PGSQL.'))
  await Promise.all(sockets.map(name => rm(join(run, name), { force: true })))
}

/** Rejects with `PGD_PORT_TAKEN` where something listens; PostgreSQL says it too, but late and in other words. */
async function checkPort(port: number): Promise<void> {
  for (const host of loopback) {
    const server = createServer()
    const taken = await new Promise<boolean>(resolve => {
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'))
      server.listen({ port, host, exclusive: true }, () => resolve(false))
    })
    await new Promise(resolve => server.close(resolve))
    if (taken) throw new PgdError('PGD_PORT_TAKEN', `something listens on port ${port}`, { field: 'port' })
  }
}

/** Its log lies in the volume, so that a full disk takes no words either. */
async function whyNothing(volume: string): Promise<string> {
  const { bavail, bsize } = await statfs(volume).catch(() => ({ bavail: 1, bsize: leastSpace }))
  return bavail * bsize < leastSpace ? ': No space left on device' : ''
}

/** Bytes that a server needs to say that it has no space. */
const leastSpace = 1024 * 1024

/** Starts it in a session of its own, with nothing of ours but its log; resolves to its process id. */
async function launch(program: string, spec: ServerSpec, onEnd: (words: string) => void): Promise<number> {
  const { volume, settings } = spec
  const { file, from } = await openLog(volume)
  try {
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const mask = process.umask(0o077)
    const child = spawn(program, ['-D', join(volume, 'data'), ...words], {
      cwd: '/',
      detached: true,
      env: environment(),
      stdio: ['ignore', file.fd, file.fd],
    })
    process.umask(mask)
    child.once('exit', (code, signal) => {
      void endOfLog(volume, from).then(async text => {
        const how = signal === null ? `exited with status ${code}` : `was ended by ${signal}`
        onEnd(text.trim() === '' ? `it ${how} and said nothing${await whyNothing(volume)}` : lastLines(text, 20))
      })
    })
    await once(child, 'spawn').catch((error: unknown) => {
      throw new PgdError('PGD_SERVER_FAILED', `${program} cannot be started`, { cause: error })
    })
    child.unref()
    return child.pid ?? 0
  } finally {
    await file.close()
  }
}
