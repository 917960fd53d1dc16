import type { Readable, Writable } from 'node:stream'
import type { RuntimeKind } from '../facts/model.ts'

/** Where servers run: containers of an engine, or PostgreSQL's own programs as processes of this account. */
export interface Runtime {
  readonly kind: RuntimeKind
  /** For people: `docker (unix:///var/run/docker.sock)`, `PostgreSQL 15 (/usr/lib/postgresql/15/bin)`. */
  readonly title: string
  /** Name that a server finds for the uid of this account, when it comes over the socket. */
  readonly account: string
  /**
   * What a server can be made of. An image is fetched when it is not there; a version is looked for among the programs.
   * `onStep` is told how far that is. Rejects with `PGD_IMAGE_UNAVAILABLE`.
   */
  resolve(
    wish: { readonly image?: string; readonly version?: number },
    signal?: AbortSignal,
    onStep?: (step: string) => void,
  ): Promise<ServerKind>
  /** All servers of this account that pgd started, in one question, whatever their state. */
  list(): Promise<readonly Server[]>
  /**
   * Prepares a server, before its volume is there, and gives back how to start it; so that both can be made at once. Its
   * volume must be mounted when it starts: nothing makes an empty database where one is missing.
   */
  prepare(spec: ServerSpec): Promise<Prepared>
  /** Ends a server as `pg_ctl stop -m fast` does, by force after `seconds`, and removes what is left of it. */
  stop(server: Pick<Server, 'key'>, seconds: number): Promise<void>
  /** The last lines that a server wrote, for an error's message. */
  log(server: Pick<Server, 'key'>, lines: number): Promise<string>
  /**
   * Runs one of PostgreSQL's programs (`initdb`, `pg_dump`, `pg_basebackup`, `pg_controldata`), with a volume's files in
   * reach, as this account.
   */
  run(tool: Tool): Promise<ToolEnd>
  /** Whether a server of which `list` does not tell runs on a volume's data. */
  isServed(volumePath: string): Promise<boolean>
  /** Ends programs of `run` that still work on a volume, which nobody waits for: whoever calls it has its lock. */
  endTools(volumePath: string): Promise<void>
  /** Removes what calls left that were killed, and that is of no server. */
  sweep(): Promise<void>
  /** Paths of a volume as its server sees them. */
  layoutOf(volumePath: string): Layout
  /** Path under which a server sees a directory of `reads`. */
  sharedAt(path: string): string
}

/** What to do where a server has no data. */
export const whereData = 'Bring them back where they were; pgd makes no empty database in their place'

/** What PostgreSQL is run. */
export interface ServerKind {
  readonly image?: string
  readonly version: number
}

/** What a server is to be. */
export interface ServerSpec {
  /** Id of the branch and generation: `abcdefghjk.2`; names the container or the process. */
  readonly key: string
  readonly project: string
  readonly branch: string
  readonly kind: ServerKind
  /** Path of the volume on the host. */
  readonly volume: string
  /** TCP port on the host's loopback; undefined for a server that is reached by its socket only. */
  readonly port?: number
  /** Settings of postgresql.conf, which stand above all files; none is secret. */
  readonly settings: Readonly<Record<string, string>>
  /** Directories of other volumes that it may read, by the path under which it sees them (`sharedAt`). */
  readonly reads: readonly string[]
  /** Bytes, and processors; none by default. */
  readonly memory?: number
  readonly cpus?: number
}

export interface Prepared {
  /** Starts it; returns as soon as it was started, which is before it answers. */
  start(): Promise<void>
  /** Takes back what was prepared, whether it was started or not. */
  discard(): Promise<void>
  /** Settles when the server ends by itself, with its last words; for who waits that it answers. */
  readonly ended: Promise<string>
}

export interface Server {
  readonly key: string
  readonly state: 'running' | 'starting' | 'stopped' | 'failed'
  /** Why it is not running, in words of the engine: `exited with status 1, out of memory`. */
  readonly reason?: string
  readonly port?: number
  readonly since?: number
}

export interface Tool {
  /** Name of the program, without directory, and its arguments; no secret is among them. */
  readonly argv: readonly [string, ...string[]]
  readonly kind: ServerKind
  /** Volumes that it may use, by their paths on the host; `layoutOf` tells what it sees. */
  readonly volume?: string
  /** Environment besides what is needed, such as PGPASSFILE; no secret is in it. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether it may reach servers over the network of the host. */
  readonly network?: boolean
  readonly stdin?: Readable
  readonly stdout?: Writable
  readonly signal?: AbortSignal
}

export interface ToolEnd {
  readonly exitCode: number
  /** Up to 1 MiB; empty where it went to a stream. */
  readonly stdout: string
  /** The last 8,192 characters. */
  readonly stderr: string
}

/** Paths of a volume. */
export interface Layout {
  readonly root: string
  /** PGDATA. */
  readonly data: string
  /** Archived WAL of the branch, and of nobody else. */
  readonly wal: string
  /** Unix socket, in a directory that only this account may enter. */
  readonly run: string
  /** server.crt and server.key. */
  readonly tls: string
  readonly hba: string
  readonly ident: string
}
