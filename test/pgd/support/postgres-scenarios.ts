import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { argv } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPgdError } from '../../../apps/pgd/src/errors/error.ts'
import { archiveNow } from '../../../apps/pgd/src/postgres/archive.ts'
import { copying } from '../../../apps/pgd/src/postgres/backup.ts'
import { checkpoint } from '../../../apps/pgd/src/postgres/checkpoint.ts'
import { connect, type Session } from '../../../apps/pgd/src/postgres/connect.ts'
import { connectEarly } from '../../../apps/pgd/src/postgres/early.ts'
import { hbaText, identText } from '../../../apps/pgd/src/postgres/hba.ts'
import { initdbArgv } from '../../../apps/pgd/src/postgres/initdb.ts'
import { setPassword } from '../../../apps/pgd/src/postgres/password.ts'
import { untilReady } from '../../../apps/pgd/src/postgres/ready.ts'
import { newPassword } from '../../../apps/pgd/src/postgres/scram.ts'
import { type Recovery, serverSettings } from '../../../apps/pgd/src/postgres/settings.ts'
import { connectionUrl } from '../../../apps/pgd/src/postgres/url.ts'
import { parseSegment, segmentName } from '../../../apps/pgd/src/postgres/wal.ts'
import { openProcessRuntime } from '../../../apps/pgd/src/runtime/process/runtime.ts'
import { layoutBelow } from '../../../apps/pgd/src/serve/layout.ts'
import { openAuthority } from '../../../apps/pgd/src/tls/authority.ts'
import { ensureServerCertificate } from '../../../apps/pgd/src/tls/server.ts'

// Run as an ordinary account: `postgres-scenarios.ts NAME ARGS...`; prints what was seen as JSON. Volumes lie in the home
// directory, and the servers outlive this process.
interface Client {
  connect(): Promise<unknown>
  query(text: string): Promise<{ readonly rows: readonly { readonly version: string }[] }>
  end(): Promise<void>
}

/** The library that pgd depends on; this folder depends on nothing itself. */
const { Client }: { readonly Client: new (config: { connectionString: string }) => Client } = createRequire(
  new URL('../../../apps/pgd/package.json', import.meta.url),
)('pg')

const runtime = await openProcessRuntime()
const kind = await runtime.resolve({})
const home = process.env.HOME ?? ''
const volumeOf = (name: string): string => join(home, name)

async function prepared(name: string, more: { readonly port?: number; readonly recovery?: Recovery } = {}) {
  const volume = volumeOf(name)
  const layout = runtime.layoutOf(volume)
  const settings = serverSettings({ layout, version: kind.version, runtime: 'process', title: name, ...more })
  const { recovery, ...ported } = more
  const spec = { key: name, project: 'p', branch: name, kind, volume, settings, reads: [], ...ported }
  return { ...(await runtime.prepare(spec)), run: layout.run }
}

async function started(name: string, more: { readonly port?: number; readonly recovery?: Recovery } = {}) {
  const server = await prepared(name, more)
  await server.start()
  return untilReady(server)
}

/** Copies a running server's volume as a store that cannot do so at one instant, with a server that writes meanwhile. */
async function copied(session: Session, from: string, to: string): Promise<void> {
  const [source, target] = [volumeOf(from), volumeOf(to)]
  const tar = (exclude: readonly string[], what: readonly string[]): void => {
    const words = exclude.map(one => `--exclude=${one}`)
    execFileSync('sh', [
      '-c',
      'from=$1 to=$2; shift 2; tar -C "$from" -c "$@" | tar -C "$to" -x',
      'sh',
      source,
      target,
      ...words,
      ...what,
    ])
  }
  mkdirSync(target, { mode: 0o700 })
  const end = await copying(session)(async () => {
    tar(['data/pg_wal/*', 'data/postmaster.pid', 'run/*', 'wal/*', 'server.log'], ['.'])
    await session.query("INSERT INTO rows SELECT 'meanwhile' FROM generate_series(1, 1000)")
  })
  tar([], ['data/pg_wal'])
  for (const [name, text] of Object.entries(end?.files ?? {})) writeFileSync(join(target, 'data', name), text)
}

const rowsOf = (session: Session): Promise<number | undefined> =>
  session.value<number>('SELECT count(*)::int FROM rows')

const failureOf = (error: unknown): { code: string; message: string } => ({
  code: isPgdError(error) ? error.code : 'OTHER',
  message: (error as Error).message,
})

async function login(url: string): Promise<string> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    const { rows } = await client.query('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return rows[0]?.version ?? 'no TLS'
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  } finally {
    await client.end().catch(() => {})
  }
}

const scenarios = {
  /** Makes a branch and starts it. */
  make: async (name: string, port: string) => {
    const layout = layoutBelow(volumeOf(name))
    for (const place of [layout.root, layout.data, layout.run, layout.wal]) mkdirSync(place, { mode: 0o700 })
    const made = await runtime.run({ argv: initdbArgv(layout, kind.version), kind, volume: layout.root })
    if (made.exitCode !== 0) throw new Error(made.stderr)
    const authority = await openAuthority(join(home, 'authority'))
    await ensureServerCertificate(layout.tls, authority)
    writeFileSync(layout.hba, hbaText)
    writeFileSync(layout.ident, identText(runtime.account))
    const session = await started(name, { port: Number(port) })
    const password = newPassword()
    await session.query("ALTER SYSTEM SET log_statement = 'all'")
    await session.query('SELECT pg_reload_conf()')
    await setPassword(session, password)
    await session.query('CREATE TABLE rows (of text)')
    await session.end()
    const parts = { user: 'postgres', database: 'postgres', password, sslRootCert: authority.certificatePath }
    const url = connectionUrl({ host: 'localhost', port: Number(port), ...parts })
    return { url, run: layout.run, log: join(layout.root, 'server.log'), login: await login(url) }
  },
  /** Logs in with passwords of all kinds, each set before. */
  passwords: async (name: string, url: string, ...passwords: string[]) => {
    const session = await connect({ run: layoutBelow(volumeOf(name)).run })
    const outcomes: string[] = []
    for (const password of passwords) {
      await setPassword(session, password)
      const { origin, search } = new URL(url.replace('postgresql:', 'http:'))
      const at = `postgres:${encodeURIComponent(password)}@`
      outcomes.push(await login(`${origin.replace('http://', `postgresql://${at}`)}/postgres${search}`))
    }
    await session.end()
    return outcomes
  },
  /** Copies it in backup mode while it writes, and starts the copy. */
  backup: async (from: string, to: string) => {
    const session = await connect({ run: layoutBelow(volumeOf(from)).run })
    await session.query("INSERT INTO rows VALUES ('before')")
    await copied(session, from, to)
    const rows = await rowsOf(session)
    await session.end()
    mkdirSync(layoutBelow(volumeOf(to)).run, { recursive: true, mode: 0o700 })
    const copy = await started(to)
    const found = await rowsOf(copy)
    await copy.end()
    await runtime.stop({ key: to }, 30)
    return { rows, found, data: readdirSync(layoutBelow(volumeOf(to)).data) }
  },
  /** Takes a copy to an instant that lies between two transactions after it was made. */
  recover: async (from: string, to: string) => {
    const source = layoutBelow(volumeOf(from))
    const session = await connect({ run: source.run })
    await session.query('TRUNCATE rows')
    const { timeline } = await checkpoint(session)
    await copied(session, from, to)
    await session.query("INSERT INTO rows VALUES ('before')")
    await sleep(20)
    const target = Date.now()
    await sleep(20)
    await session.query("INSERT INTO rows VALUES ('after')")
    const last = await archiveNow(session)
    const archived = readdirSync(source.wal)
    await session.end()
    const data = layoutBelow(volumeOf(to)).data
    writeFileSync(join(data, 'recovery.signal'), '')
    const copy = await started(to, { recovery: { archive: source.wal, timeline, target } })
    const found = await copy.query("SELECT of FROM rows WHERE of <> 'meanwhile'")
    const after = await checkpoint(copy)
    await copy.end()
    await runtime.stop({ key: to }, 30)
    const late = await prepared(to)
    return {
      found: found.map(row => row.of),
      timelines: [timeline, after.timeline],
      isArchived: archived.includes(last),
      isLeftAlone: readdirSync(source.wal).join() === archived.join(),
      hasStartedAgain: await late.start().then(async () => {
        await (await untilReady(late)).end()
        await runtime.stop({ key: to }, 30)
        return true
      }),
    }
  },
  /** Recovery to an instant that the archive does not reach: after all that was ever committed. */
  late: async (from: string, to: string) => {
    const source = layoutBelow(volumeOf(from))
    const session = await connect({ run: source.run })
    const { timeline } = await checkpoint(session)
    await copied(session, from, to)
    await archiveNow(session)
    await session.end()
    writeFileSync(join(layoutBelow(volumeOf(to)).data, 'recovery.signal'), '')
    const target = Date.now() + 3_600_000
    const failure = await started(to, { recovery: { archive: source.wal, timeline, target } }).catch(failureOf)
    await runtime.stop({ key: to }, 1)
    return failure
  },
  /** Puts another file where the next segment is to be archived. */
  blocked: async (name: string) => {
    const layout = layoutBelow(volumeOf(name))
    const session = await connect({ run: layout.run })
    const last = parseSegment(await archiveNow(session))
    if (last === undefined) throw new Error('no segment')
    const next = join(layout.wal, segmentName({ ...last, number: last.number + 1 }))
    writeFileSync(next, 'not of this server')
    const failure = await archiveNow(session).then(() => 'archived', failureOf)
    await session.end()
    return { failure, kept: readFileSync(next, 'utf8') }
  },
  /** Kills a server before it could answer. */
  killed: async (name: string) => {
    const server = await prepared(name)
    await server.start()
    const note = JSON.parse(readFileSync(join(home, `.local/state/pgd/servers/${name}.json`), 'utf8')) as {
      process: string
    }
    process.kill(Number(note.process.split(':')[0]), 'SIGKILL')
    const began = performance.now()
    const failure = await untilReady(server).then(() => 'ready', failureOf)
    await runtime.stop({ key: name }, 1)
    return { failure, hasEndedEarly: performance.now() - began < 60_000 }
  },
  /** What a connection that is begun early becomes: when it is right, was ended meanwhile, leads elsewhere, is not used. */
  early: async (name: string) => {
    const place = { run: layoutBelow(volumeOf(name)).run }
    const watching = await connect(place)
    const others = `FROM pg_stat_activity WHERE application_name = 'pgd' AND pid <> pg_backend_pid()`
    const until = async (count: number): Promise<void> => {
      while ((await watching.value<number>(`SELECT count(*)::int ${others}`)) !== count) await sleep(10)
    }
    const begun = async (run = place.run) => {
      const early = connectEarly({ run, signal: new AbortController().signal })
      if (run === place.run) await until(1)
      const before = await watching.value<number>(`SELECT max(pid) ${others}`)
      return { early, before }
    }
    const pidOf = async (session: Session): Promise<number | undefined> => {
      const pid = await session.value<number>('SELECT pg_backend_pid()')
      await session.end()
      await until(0)
      return pid
    }
    const right = await begun()
    const isUsed = (await pidOf(await right.early.connect(place))) === right.before
    await right.early.end()
    const ended = await begun()
    await watching.query(`SELECT pg_terminate_backend(pid) ${others}`)
    const isReplaced = (await pidOf(await ended.early.connect(place))) !== ended.before
    const elsewhere = await begun('/nonexistent')
    const isFound = (await pidOf(await elsewhere.early.connect(place))) !== undefined
    const unused = await begun()
    await unused.early.end()
    await until(0)
    await watching.end()
    return { isUsed, isReplaced, isFound }
  },
  stop: async (name: string) => {
    await runtime.stop({ key: name }, 30)
    return (await runtime.list()).length
  },
} satisfies Record<string, (...args: string[]) => Promise<unknown>>

/** What each scenario tells. */
export type Scenarios = typeof scenarios

const [, , scenario = '', ...args] = argv
const run = scenarios[scenario as keyof Scenarios] as (...args: string[]) => Promise<unknown>
process.stdout.write(JSON.stringify(await run(...args)))
