import { readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, QueryResultRow } from 'pg'
import { PgdError } from '../errors/error.ts'
import { temporaryDirectory } from '../locks/temporary.ts'
import { cancelled, failureOf } from './failure.ts'

/** How the owner of a server reaches it. */
export interface ConnectOptions {
  /** Directory of its socket, as this process sees it. */
  readonly run: string
  readonly database?: string
  /** Milliseconds that one statement may take; 30 s by default, 0 for any. */
  readonly statementTimeout?: number
  readonly signal?: AbortSignal
}

/** A connection to a server, as `postgres`. */
export interface Session {
  /** Runs a statement and gives its rows. Rejects with `PGD_QUERY_FAILED`, or `PGD_SERVER_FAILED` where it went away. */
  query<Row extends QueryResultRow = QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Runs a statement that gives one row with one column; undefined where it gives no row. */
  value<T>(text: string, values?: readonly unknown[]): Promise<T | undefined>
  /** Ends it; what was not committed is undone. */
  end(): Promise<void>
}

/** The longest name of a socket, in bytes, on Linux and macOS (sun_path, with a zero at its end). */
const longest = 103

/**
 * Connects over the socket, which takes no password: the server knows the account. Rejects with `PGD_SERVER_FAILED` where
 * nothing answers; its `cause` tells why.
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { run, database = 'postgres', statementTimeout = 30_000, signal } = options
  if (signal?.aborted) throw cancelled(signal)
  const port = await portOf(run)
  const pg = (await import('pg')).default
  const way = await shortened(run, port)
  // All is said here, since the library takes what is not from the environment: PGOPTIONS, PGPASSWORD and others.
  const client = new pg.Client({
    host: way.directory,
    port,
    user: 'postgres',
    database,
    password: '',
    ssl: false,
    options: `-c statement_timeout=${statementTimeout}`,
    application_name: 'pgd',
  })
  // It tells the end of an idle connection too, and would end this process where nobody listens.
  client.on('error', () => {})
  const abort = (): void => void destroy(client)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
  } catch (error) {
    signal?.removeEventListener('abort', abort)
    destroy(client)
    throw failureOf(error, signal)
  } finally {
    await way.remove()
  }
  const query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    try {
      return (await client.query<Row>(text, [...values])).rows
    } catch (error) {
      throw failureOf(error, signal)
    }
  }
  return {
    query,
    value: async <T>(text: string, values?: readonly unknown[]) =>
      Object.values<T>((await query<Record<string, T>>(text, values))[0] ?? {})[0],
    end: async () => {
      signal?.removeEventListener('abort', abort)
      await client.end().catch(() => {})
    },
  }
}

/** Connects, works, and ends the connection; `open` may have one already. */
export async function withSession<T>(
  options: ConnectOptions,
  work: (session: Session) => Promise<T>,
  open: typeof connect = connect,
): Promise<T> {
  const session = await open(options)
  try {
    return await work(session)
  } finally {
    await session.end()
  }
}

const destroy = (client: Client): unknown =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()

/** The port that the name of the socket tells; a server has one, and its directory is emptied before it starts. */
async function portOf(run: string): Promise<number> {
  const names = await readdir(run).catch(error => {
    throw new PgdError('PGD_SERVER_FAILED', 'the server has no directory for its socket', { cause: error })
  })
  for (const name of names) {
    const [, port] = /^\.s\.PGSQL\.(\d{1,5})$/.exec(name) ?? []
    if (port !== undefined) return Number(port)
  }
  const cause = Object.assign(new Error('no socket'), { code: 'ENOENT' })
  throw new PgdError('PGD_SERVER_FAILED', 'the server has no socket', { cause })
}

/** The same directory by a name that is short enough, in a directory that only this account may enter. */
async function shortened(run: string, port: number): Promise<{ directory: string; remove(): Promise<void> }> {
  if (Buffer.byteLength(`${run}/.s.PGSQL.${port}`) <= longest) return { directory: run, remove: async () => {} }
  const place = await temporaryDirectory()
  await symlink(run, join(place, 'r'))
  return { directory: join(place, 'r'), remove: () => rm(place, { recursive: true, force: true }) }
}
