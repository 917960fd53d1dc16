import { relative } from 'node:path'
import type { RuntimeKind } from '../facts/model.ts'
import type { Layout } from '../runtime/runtime.ts'

/** Settings of postgresql.conf; given as `-c name=value`, they stand above all files of the volume. */
export type Settings = Readonly<Record<string, string>>

/** Port of a server without TCP: it names the socket alone. */
export const socketPort = 5432

/** What settings depend on. */
export interface ServerWish {
  readonly layout: Layout
  readonly version: number
  readonly runtime: RuntimeKind
  /** Port of the branch; undefined for a server that is reached by its socket only. */
  readonly port?: number
  /** `project/branch`, shown in lists of processes. */
  readonly title?: string
  /** Bytes that the server may use. */
  readonly memory?: number
  /** For a server that recovers; it has `recovery.signal` in PGDATA, and answers when that is over. */
  readonly recovery?: Recovery
}

/** Where recovery reads, and where it ends. */
export interface Recovery {
  /** Archive of the source, as the server sees it. */
  readonly archive: string
  /** Timeline that is followed, and no later one. */
  readonly timeline: number
  /** Instant, milliseconds since 1970; what was committed until then is there. The end of the archive by default. */
  readonly target?: number
}

/** Settings of a branch's server. */
export function serverSettings(wish: ServerWish): Settings {
  const { layout, version, runtime, port, title, memory, recovery } = wish
  // A container has addresses of its own, and the engine publishes it on the host's loopback.
  // One address alone: of two, PostgreSQL would be content with the one that nobody else has.
  const addresses = runtime === 'docker' ? '*' : '127.0.0.1'
  // The name of a socket may have 107 bytes, so it is given from PGDATA on, where the server is.
  const run = `"${relative(layout.data, layout.run).replaceAll('"', '""')}"`
  return {
    listen_addresses: port === undefined ? '' : addresses,
    port: String(port ?? socketPort),
    unix_socket_directories: run,
    unix_socket_permissions: '0700',
    hba_file: layout.hba,
    ident_file: layout.ident,
    ssl: 'on',
    ssl_cert_file: `${layout.tls}/server.crt`,
    ssl_key_file: `${layout.tls}/server.key`,
    password_encryption: 'scram-sha-256',
    wal_level: 'replica',
    archive_mode: 'on',
    archive_command: archiveCommand(layout.wal),
    archive_timeout: '300',
    // Segments are removed, not renamed and written again: who copies one while it goes still gets it whole.
    wal_recycle: 'off',
    shared_buffers: `${sharedBuffers(memory)}kB`,
    logging_collector: 'off',
    log_destination: 'stderr',
    ...(title === undefined ? {} : { cluster_name: title }),
    // One call for the file system of the volume, where each file would be opened otherwise; Linux has it.
    ...(version >= 14 && (runtime === 'docker' || process.platform === 'linux')
      ? { recovery_init_sync_method: 'syncfs' }
      : {}),
    ...(recovery === undefined ? {} : recoverySettings(recovery)),
  }
}

/** A recovery fails where no commit after its target is in the archive: nobody could tell that all before is there. */
function recoverySettings({ archive, timeline, target }: Recovery): Settings {
  const end: Settings =
    target === undefined
      ? {}
      : {
          recovery_target_time: `${new Date(target).toISOString().replace('T', ' ').replace('Z', '')}+00`,
          recovery_target_inclusive: 'on',
          recovery_target_action: 'promote',
        }
  return {
    restore_command: restoreCommand(archive),
    recovery_target_timeline: String(timeline),
    ...end,
    // Whoever gets an answer gets it from a server that has recovered.
    hot_standby: 'off',
  }
}

/**
 * Archives one file of WAL, for good: what is there under its name is complete. A file that is there with the same content
 * is archived already, after a crash in between; one with other content is not replaced. POSIX's sh, cp, cmp, mv, and a
 * sync that takes files (GNU, BusyBox).
 */
export function archiveCommand(directory: string): string {
  const place = quote(directory)
  const copy = `cp "%p" ${place}/%f.part && sync ${place}/%f.part && mv -f ${place}/%f.part ${place}/%f`
  return `if test -e ${place}/%f; then cmp "%p" ${place}/%f; else ${copy}; fi && sync ${place}`
}

/** Fetches one file of WAL from an archive, which is only read; fails where it is not there. */
export const restoreCommand = (directory: string): string =>
  `test -e ${quote(directory)}/%f && exec cp ${quote(directory)}/%f "%p"`

/** An absolute path as one word of sh, within a command of PostgreSQL, in which `%` is doubled. */
const quote = (path: string): string => `'${path.replaceAll('%', '%%').replaceAll("'", String.raw`'\''`)}'`

/** Kibibytes: a quarter of the memory, 64 MiB where it has no limit: branches are many, and the kernel caches too. */
function sharedBuffers(memory: number | undefined): number {
  const quarter = memory === undefined ? 64 * 1024 : Math.floor(memory / 4 / 1024)
  return Math.min(Math.max(quarter, 1024), 8 * 1024 * 1024)
}
