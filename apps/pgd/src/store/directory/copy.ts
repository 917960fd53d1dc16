import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { throwIfCancelled } from '../../errors/cancel.ts'
import { PgdError } from '../../errors/error.ts'
import type { Frozen, FrozenEnd } from '../store.ts'
import { ifThere } from './failure.ts'
import { isSegment, isWritten } from './segment.ts'
import { syncFiles } from './sync.ts'
import { copyIfThere, copyTree } from './tree.ts'

const wal = join('data', 'pg_wal')

/** A copy has its own: process, socket, log and archive. */
const skipped = new Set(['server.log', join('data', 'postmaster.pid'), join('data', 'postmaster.opts')])

/**
 * Directories that a copy has empty: what PostgreSQL makes anew whenever it starts, and replication slots, which would
 * keep WAL for ever (documentation of PostgreSQL, "Making a Base Backup Using the Low Level API").
 */
const emptied = new Set(
  ['pg_dynshmem', 'pg_notify', 'pg_replslot', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']
    .map(name => join('data', name))
    .concat('run', 'wal'),
)

/** Temporary files, and caches of the catalogue that change without notice in the WAL. */
const temporary = /^(?:pgsql_tmp|pg_internal\.init)/

const skip = (path: string): boolean => skipped.has(path) || (path.startsWith('data') && temporary.test(basename(path)))

/**
 * Copies the files of a volume while a server may use them: all but `pg_wal` within `frozen`, and `pg_wal` afterwards, of
 * which a running server's copy needs what was written meanwhile. The copy is on the disk when this resolves.
 */
export async function copyVolumeFiles(
  from: string,
  to: string,
  frozen: Frozen,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = await frozen(() =>
    copyTree(from, to, {
      skip,
      empty: path => path === wal || emptied.has(path),
      last: join('data', 'global', 'pg_control'),
      signal,
    }),
  )
  if (end === undefined) await copyWholeWal(from, to, signal)
  else await copyNeededWal(from, to, end, signal)
  for (const [name, text] of Object.entries(end?.files ?? {}))
    await writeFile(join(to, 'data', name), text, { mode: 0o600 })
  await syncFiles(to)
}

/** Copies the files of a snapshot, which nothing changes. */
export async function copySnapshotFiles(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await copyTree(from, to, { signal })
  await syncFiles(to)
}

/** Copies the WAL of a server that does not run; its segments are needed from the last checkpoint on. */
async function copyWholeWal(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const entries = await ifThere(readdir(join(from, wal), { withFileTypes: true }))
  for (const entry of entries ?? []) {
    throwIfCancelled(signal)
    const { name } = entry
    const [source, target] = [join(from, wal, name), join(to, wal, name)]
    if (entry.isDirectory()) await copyTree(source, target, { signal })
    else if (!isSegment(name) || (await isWritten(source, name))) await copyIfThere(source, target)
  }
}

/**
 * Copies the WAL that a running server's copy needs: from the first segment on, and the histories of timelines. What was
 * archived and recycled already comes from the archive.
 */
async function copyNeededWal(
  from: string,
  to: string,
  { firstSegment }: FrozenEnd,
  signal: AbortSignal | undefined,
): Promise<void> {
  const archive = join(from, 'wal')
  const names = [...((await ifThere(readdir(join(from, wal)))) ?? []), ...((await ifThere(readdir(archive))) ?? [])]
  const needed = names.filter(name => (isSegment(name) ? name > firstSegment : /^[0-9A-F]{8}\.history$/.test(name)))
  for (const name of new Set([firstSegment, ...needed])) {
    throwIfCancelled(signal)
    const [source, target] = [join(from, wal, name), join(to, wal, name)]
    if (await copySteady(source, target, name)) continue
    const isArchived = await copyIfThere(join(archive, name), target)
    if (!isArchived && name === firstSegment) {
      throw new PgdError(
        'PGD_NOT_COVERED',
        `The WAL segment ${name} is neither in ${join(from, wal)} nor in ${archive}`,
      )
    }
  }
  await mkdir(join(to, wal, 'archive_status'), { mode: 0o700 })
}

/** Copies a file of `pg_wal`; false when the server renamed it meanwhile, to write into it again. */
async function copySteady(source: string, target: string, name: string): Promise<boolean> {
  const before = await ifThere(lstat(source))
  if (before === undefined || (isSegment(name) && !(await isWritten(source, name)))) return false
  if ((await copyIfThere(source, target)) && (await ifThere(lstat(source)))?.ino === before.ino) return true
  await rm(target, { force: true })
  return false
}
