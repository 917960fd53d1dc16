import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPgdError } from '../../../apps/pgd/src/errors/error.ts'
import { hbaText, identText } from '../../../apps/pgd/src/postgres/hba.ts'
import { initdbArgv } from '../../../apps/pgd/src/postgres/initdb.ts'
import { untilReady } from '../../../apps/pgd/src/postgres/ready.ts'
import { serverSettings } from '../../../apps/pgd/src/postgres/settings.ts'
import { openDocker } from '../../../apps/pgd/src/runtime/docker/docker.ts'
import type { Prepared, Runtime, ServerSpec, Tool } from '../../../apps/pgd/src/runtime/runtime.ts'

// What an account does with the runtime. `scenarios.ts NAME ARGUMENT...` prints what was seen as JSON, and ends by itself;
// without arguments, each line of stdin is such a list as JSON, and is answered by one line.

/** What is used of the library `pg`, which is a dependency of pgd and not of its tests. */
interface Pg {
  readonly Client: new (
    config: Record<string, unknown>,
  ) => {
    on(event: 'error', listener: () => void): void
    connect(): Promise<void>
    query(text: string): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
    end(): Promise<void>
  }
}
const { Client }: Pg = createRequire(new URL('../../../apps/pgd/package.json', import.meta.url))('pg')
const version = (image: string): number => Number(image.split(':')[1])
const volumeOf = (key: string): string => join(homedir(), 'volumes', key)

/** A volume with a database, as pgd makes it, but without TLS. */
async function makeVolume(runtime: Runtime, image: string, key: string): Promise<string> {
  const volume = volumeOf(key)
  for (const name of ['data', 'wal', 'run', 'tls']) await mkdir(join(volume, name), { recursive: true, mode: 0o700 })
  const argv = initdbArgv(runtime.layoutOf(volume), version(image))
  const made = await runtime.run({ argv, kind: { image, version: version(image) }, volume })
  if (made.exitCode !== 0) throw new Error(made.stderr)
  await writeFile(join(volume, 'pg_hba.conf'), hbaText.replaceAll('hostssl', 'host'))
  await writeFile(join(volume, 'pg_ident.conf'), identText(runtime.account))
  return volume
}

function specOf(runtime: Runtime, image: string, key: string, more: Partial<ServerSpec> = {}): ServerSpec {
  const volume = more.volume ?? volumeOf(key)
  const layout = runtime.layoutOf(volume)
  const settings = serverSettings({ layout, version: version(image), runtime: 'docker', port: 5432 })
  const kind = { image, version: version(image) }
  return {
    key,
    project: 'shop',
    branch: 'main',
    kind,
    volume,
    reads: [],
    ...more,
    settings: { ...settings, ssl: 'off', ...more.settings },
  }
}

/** Starts a server and waits for it; what `work` gives is the result. */
async function serve<T>(prepared: Prepared, volume: string, work: (query: Query) => Promise<T>): Promise<T> {
  await prepared.start()
  const session = await untilReady({ run: join(volume, 'run'), ended: prepared.ended, limit: 20_000 })
  try {
    return await work(text => session.value(text))
  } finally {
    await session.end()
  }
}

type Query = (text: string) => Promise<unknown>

/** The answer to one query over TCP, or the code of the error. */
async function ask(config: Record<string, unknown>, text: string): Promise<unknown> {
  const client = new Client({ host: '127.0.0.1', user: 'postgres', database: 'postgres', ...config })
  client.on('error', () => {})
  try {
    await client.connect()
    return Object.values((await client.query(text)).rows[0] ?? {})[0]
  } catch (error) {
    return (error as { code?: string }).code
  } finally {
    await client.end().catch(() => {})
  }
}

/** The last words of a server; waiting for them alone keeps no process alive. */
async function said({ ended }: Prepared): Promise<string> {
  const over = new AbortController()
  const late = sleep(10_000, 'nothing was said', { signal: over.signal })
  late.catch(() => {})
  return Promise.race([ended, late]).finally(() => over.abort())
}

/** The code of an error of ours, with its message; anything else is thrown on. */
const failureOf = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'none', message: '' }),
    error => {
      if (!isPgdError(error)) throw error
      return { code: error.code, message: error.message }
    },
  )

const scenarios = {
  async life(image = '', key = '', port = '') {
    const runtime = await openDocker()
    const kind = await runtime.resolve({ image, version: version(image) })
    const volume = await makeVolume(runtime, image, key)
    const spec = specOf(runtime, image, key, { port: Number(port), memory: 300 * 1024 ** 2, cpus: 0.5 })
    const seen = await serve(await runtime.prepare(spec), volume, async query => {
      await query("ALTER ROLE postgres PASSWORD 'right'")
      return { overSocket: await query('SELECT 41 + 1') }
    })
    const at = { port: Number(port) }
    const overTcp = await ask({ ...at, password: 'right' }, 'SELECT 41 + 1')
    const wrong = await ask({ ...at, password: 'wrong' }, 'SELECT 1')
    const listed = await runtime.list()
    // Somebody who is connected does not keep a server from ending.
    const idle = new Client({ ...at, host: '127.0.0.1', user: 'postgres', database: 'postgres', password: 'right' })
    idle.on('error', () => {})
    await idle.connect()
    await runtime.stop(spec, 30)
    const afterStop = await runtime.list()
    await runtime.stop(spec, 30)
    const archive = join(homedir(), 'archive of another')
    await mkdir(archive, { recursive: true, mode: 0o700 })
    await writeFile(join(archive, 'segment'), 'of another', { mode: 0o600 })
    const socketOnly = specOf(runtime, image, key, { reads: [archive] })
    const shared = `${runtime.sharedAt(archive)}/segment`
    const reads = await serve(await runtime.prepare(socketOnly), volume, async query => ({
      text: await query(`SELECT pg_read_file('${shared}')`),
      written: await failureOf(query(`COPY (SELECT 1) TO '${shared}'`)),
    }))
    const log = await runtime.log(socketOnly, 10)
    const noPort = await ask({ ...at, password: 'right' }, 'SELECT 1')
    await runtime.stop(socketOnly, 30)
    return { title: runtime.title, kind, ...seen, overTcp, wrong, listed, afterStop, log, noPort, reads }
  },

  /** A server that stays when this process ends; its limits are looked at from outside. */
  async leave(image = '', key = '', port = '') {
    const runtime = await openDocker()
    const volume = (await readdir(volumeOf(key)).catch(() => undefined))
      ? volumeOf(key)
      : await makeVolume(runtime, image, key)
    const spec = specOf(runtime, image, key, { port: Number(port), memory: 300 * 1024 ** 2, cpus: 0.5 })
    return serve(await runtime.prepare(spec), volume, query => query('SELECT pg_is_in_recovery()'))
  },

  async list() {
    return (await openDocker()).list()
  },

  async stop(key = '') {
    await (await openDocker()).stop({ key }, 30)
  },

  async missing(image = '') {
    const runtime = await openDocker()
    const absent = volumeOf('absent')
    const empty = volumeOf('empty')
    await mkdir(empty, { recursive: true })
    const start = async (volume: string) => {
      const prepared = await runtime.prepare(specOf(runtime, image, 'mmmmmmmmmm.1', { volume }))
      return failureOf(prepared.start())
    }
    const kind = { image, version: version(image) }
    const tool = failureOf(runtime.run({ argv: ['initdb'], kind, volume: absent }))
    return {
      absent: await start(absent),
      empty: await start(empty),
      tool: await tool,
      made: [await readdir(absent).catch(() => 'absent'), await readdir(empty)],
      list: await runtime.list(),
    }
  },

  async foreign(image = '', key = '') {
    const runtime = await openDocker()
    return failureOf(runtime.prepare(specOf(runtime, image, key)))
  },

  async taken(image = '', key = '') {
    const runtime = await openDocker()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const prepared = await runtime.prepare(specOf(runtime, image, key, { port }))
    const failure = await failureOf(prepared.start())
    server.close()
    return { failure, list: await runtime.list() }
  },

  /** Servers that end by themselves. */
  async ended(image = '', key = '') {
    const runtime = await openDocker()
    const wrong = await runtime.prepare(specOf(runtime, image, key, { settings: { no_such_setting: 'on' } }))
    await wrong.start()
    const words = await said(wrong)
    const list = await runtime.list()
    await wrong.discard()
    const left = await runtime.list()
    return { words, list, left }
  },

  async tools(image = '', port = '') {
    const runtime = await openDocker()
    const kind = { image, version: version(image) }
    const run = (argv: Tool['argv'], more: Partial<Tool> = {}) => runtime.run({ argv, kind, ...more })
    const block = Buffer.alloc(1024 * 1024, 'x')
    const blocks = 24
    let received = 0
    const slow = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _encoding, done) {
        received += chunk.length
        setImmediate(done)
      },
    })
    const many = Readable.from(Array.from({ length: blocks }, () => block))
    const copied = await run(['cat'], { stdin: many, stdout: slow })
    const early = await run(['head', '-c', '5'], { stdin: Readable.from([block, block]) })
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is gone')) })
    const goneSource = (after: number): Readable => {
      const stdin = new Readable({ read() {} })
      setTimeout(() => stdin.destroy(new Error('the source is gone')), after)
      return stdin
    }
    const reach = ['pg_isready', '-h', '127.0.0.1', '-p', port] as const
    return {
      copied: { ...copied, received: received === blocks * block.length },
      early: early.stdout,
      apart: await run(['sh', '-c', 'echo one; echo two >&2; exit 3']),
      long: (await run(['head', '-c', '3000000', '/dev/zero'])).stdout.length,
      whoami: (await run(['id', '-u'], { env: { PGD_TEST: 'x y' } })).stdout,
      env: (await run(['sh', '-c', 'echo "$PGD_TEST $HOME"'], { env: { PGD_TEST: 'x y' } })).stdout,
      written: (await run(['sh', '-c', 'echo x >/bin/x || echo x >/etc/passwd'])).exitCode,
      noProgram: await failureOf(run(['no-such-program'])),
      noImage: await failureOf(runtime.run({ argv: ['id'], kind: { image: 'nowhere:1', version: 1 } })),
      brokenOutput: await failureOf(run(['cat', '/bin/cat'], { stdout: broken })),
      brokenInput: [
        await failureOf(run(['cat'], { stdin: goneSource(0) })),
        await failureOf(run(['cat'], { stdin: goneSource(700) })),
      ],
      cancelled: await failureOf(run(['sleep', '60'], { signal: AbortSignal.timeout(700) })),
      network: (await run(reach, { network: true })).exitCode,
      noNetwork: (await run(reach)).exitCode,
    }
  },

  async resolve(image = '') {
    const runtime = await openDocker()
    const major = version(image)
    return {
      byVersion: await runtime.resolve({ version: major }),
      silent: await runtime.resolve({ image }),
      untagged: await failureOf(runtime.resolve({ image: 'postgres' })),
      other: await failureOf(runtime.resolve({ image, version: major + 1 })),
      absent: await failureOf(runtime.resolve({ image: 'nowhere.invalid/postgres:1' })),
    }
  },

  async open() {
    return failureOf(openDocker())
  },

  /** Says `ready` when a program runs; then the engine is killed. */
  async lost(image = '', key = '') {
    const runtime = await openDocker()
    const prepared = await runtime.prepare(specOf(runtime, image, key))
    await prepared.start()
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        process.stderr.write('ready\n')
        done()
      },
    })
    // An engine that starts again ends what it finds, and waits ten seconds for what heeds no signal.
    const argv = ['sh', '-c', 'trap exit TERM; echo running; sleep 60 & wait'] as const
    const tool = await failureOf(runtime.run({ argv, kind: { image, version: version(image) }, stdout }))
    const ended = await said(prepared)
    return { tool, ended, list: await failureOf(runtime.list()) }
  },
}

/** What each scenario sees. */
export type Scenarios = typeof scenarios

const all: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = scenarios
const answer = async ([name = '', ...args]: readonly string[]): Promise<string> =>
  JSON.stringify((await all[name]?.(...args)) ?? null)

const words = process.argv.slice(2)
if (words.length > 0) process.stdout.write(await answer(words))
else {
  for await (const line of createInterface(process.stdin)) {
    const reply = await answer(JSON.parse(line)).catch(error => JSON.stringify({ thrown: String(error.stack) }))
    process.stdout.write(`${reply}\n`)
  }
}
