import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { PgdError } from '../../errors/error.ts'
import { isAlive, thisProcess } from '../../locks/holder.ts'
import { fatalIn } from '../../postgres/words.ts'
import { layoutBelow } from '../../serve/layout.ts'
import type { Runtime, Server } from '../runtime.ts'
import { endServer } from './end.ts'
import { endOfLog, lastLines } from './log.ts'
import { type Note, Notes, notesDirectory } from './notes.ts'
import { postmasterOf } from './postmaster.ts'
import { prepareServer } from './prepare.ts'
import { canRun, findPrograms, type Programs } from './programs.ts'
import { runTool } from './tool.ts'
import { endToolsIn } from './tools-end.ts'

/**
 * PostgreSQL's own programs as processes of this account; they outlive the one that starts them. Rejects with
 * `PGD_RUNTIME_UNAVAILABLE` where there are none, and for root, whom PostgreSQL refuses.
 */
export async function openProcessRuntime(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Runtime> {
  if (process.getuid?.() === 0) {
    const hint = 'Use pgd as an ordinary account, or containers: --runtime docker'
    throw new PgdError('PGD_RUNTIME_UNAVAILABLE', 'PostgreSQL does not run as root', { hint })
  }
  const [first, ...others] = await findPrograms(env)
  if (first === undefined) {
    const hint =
      'npm brings it with pgd unless optional packages are left out: npm install --global @broker/pgd --include=optional. ' +
      'Or install postgresql of Debian, or name the directory of its programs in PGD_POSTGRES'
    throw new PgdError('PGD_RUNTIME_UNAVAILABLE', 'there are no programs of PostgreSQL', { hint })
  }
  const all = [first, ...others]
  const notes = new Notes(notesDirectory(env))
  return {
    kind: 'process',
    title: `PostgreSQL ${first.version} (${first.bin})`,
    account: nameOfAccount(),
    resolve: async ({ image, version }) => {
      if (image !== undefined) {
        const message = 'an image needs containers; here are programs of PostgreSQL'
        throw new PgdError('PGD_INPUT_INVALID', message, { field: 'image' })
      }
      const found = version === undefined ? first : programsOf(all, version)
      await found.keep?.()
      return { version: found.version }
    },
    list: async () => Promise.all((await notes.all()).map(serverOf)),
    prepare: async spec => {
      for (const field of ['memory', 'cpus'] as const) {
        if (spec[field] === undefined) continue
        throw new PgdError('PGD_INPUT_INVALID', `a limit of ${field} needs containers`, { field })
      }
      const programs = programsOf(all, spec.kind.version)
      await programs.keep?.()
      return prepareServer(spec, programs, notes)
    },
    stop: async ({ key }, seconds) => {
      const note = await notes.read(key)
      const server = note && processOf(note)
      if (server !== undefined) await endServer(server, seconds)
      await notes.remove(key)
    },
    log: async ({ key }, lines) => {
      const note = await notes.read(key)
      return note === undefined ? '' : lastLines(await endOfLog(note.volume), lines)
    },
    run: async tool => {
      const [name] = tool.argv
      for (const { version, bin, keep } of all) {
        if (version !== tool.kind.version) continue
        await keep?.()
        const path = join(bin, name)
        if (await canRun(path)) return runTool(path, tool)
      }
      const hint = 'PostgreSQL of npm has no clients: install those of that version, as postgresql-client of Debian'
      throw new PgdError('PGD_IMAGE_UNAVAILABLE', `there is no ${name} of PostgreSQL ${tool.kind.version}`, { hint })
    },
    isServed: async volume => postmasterOf(volume) !== undefined,
    endTools: volume => endToolsIn(volume, all),
    sweep: () => notes.sweep(),
    layoutOf: layoutBelow,
    sharedAt: path => path,
  }
}

/** PostgreSQL asks for the name of its account, and servers know us by it. Rejects with `PGD_RUNTIME_UNAVAILABLE`. */
function nameOfAccount(): string {
  try {
    return userInfo().username
  } catch (cause) {
    const hint = 'Use an account that has a line in /etc/passwd, or containers: --runtime docker'
    const message = `the account ${process.getuid?.()} has no name on this machine, and PostgreSQL asks for it`
    throw new PgdError('PGD_RUNTIME_UNAVAILABLE', message, { hint, cause })
  }
}

function programsOf(all: readonly Programs[], version: number): Programs {
  const found = all.find(one => one.version === version)
  if (found !== undefined) return found
  const versions = [...new Set(all.map(one => one.version))].join(', ')
  const hint = `There are programs of PostgreSQL ${versions}`
  throw new PgdError('PGD_IMAGE_UNAVAILABLE', `there are no programs of PostgreSQL ${version}`, { hint })
}

/** The process of a server, if it lives: the noted one, or the one that its volume tells. */
const processOf = ({ process, volume }: Note): string | undefined =>
  process !== undefined && isAlive(process) ? process : postmasterOf(volume)?.process

async function serverOf(note: Note): Promise<Server> {
  const { key, volume, port } = note
  const place = { key, ...(port === undefined ? {} : { port }) }
  const server = postmasterOf(volume)
  if (server !== undefined) {
    const state = server.status === 'ready' || server.status === 'standby' ? 'running' : 'starting'
    const since = server.since === undefined ? {} : { since: server.since }
    return server.status === 'stopping'
      ? { ...place, state: 'running', reason: 'it is shutting down', ...since }
      : { ...place, state, ...since }
  }
  if (processOf(note) !== undefined) return { ...place, state: 'starting' }
  if (thisProcess().split(':')[2] !== note.boot) {
    return { ...place, state: 'stopped', reason: 'the machine was started anew since' }
  }
  return { ...place, ...(await reasonOf(volume)) }
}

/** Why a server does not run, in its own words. */
async function reasonOf(volume: string): Promise<Pick<Server, 'state' | 'reason'>> {
  if (!existsSync(join(volume, 'data'))) return { state: 'stopped', reason: 'its data are not there' }
  const text = (await endOfLog(volume)).trimEnd()
  if (text.endsWith('database system is shut down') && !startFailure.test(text)) return { state: 'stopped' }
  return { state: 'failed', reason: fatalIn(text) ?? 'it ended without a word' }
}

/** It shuts down in good order too when it could not start. */
const startFailure = /LOG: {2}(?:shutting down due to startup process failure|aborting startup).*\n.*$/
