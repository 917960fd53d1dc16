import { chmod, constants, cp, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import type { CreateProject, ProjectView } from '../api.ts'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import { ensureConfiguration, readDataDirectory } from '../postgres/data-directory.ts'
import { put } from '../serve/furnish.ts'
import { layoutBelow } from '../serve/layout.ts'
import { kindOf } from '../serve/serve.ts'
import { createProject, type FirstData, type Work } from './create-project.ts'
import { loadDump } from './load-dump.ts'
import { run } from './run.ts'

/** Where the first data of a project come from. */
export type ImportSource =
  /** A running server, by base backup; the role needs the right to replicate. The password is not part of the URL. */
  | { readonly kind: 'server'; readonly url: string; readonly password?: string }
  /** A dump of pg_dump or pg_dumpall, as SQL text or in the custom format. */
  | { readonly kind: 'dump'; readonly file: string }
  /** A data directory of a server that was stopped. */
  | { readonly kind: 'directory'; readonly path: string }

/** Makes a project whose first branch has the data of something else; that is only read. */
export const importProject = (
  context: Context,
  name: string,
  source: ImportSource,
  options: CreateProject = {},
): Promise<ProjectView> => createProject(context, name, options, firstDataOf(source))

function firstDataOf(source: ImportSource): FirstData {
  if (source.kind === 'directory') return { fill: copyDirectory(source.path) }
  if (source.kind === 'server') return { fill: baseBackup(source) }
  return { load: loadDump(source.file) }
}

/** Copies a data directory; refuses one of another version, and one whose server runs or was killed. */
const copyDirectory =
  (from: string): Work =>
  async (call, _runtime, project, { path }) => {
    call.step('Copying the data directory')
    const { data } = layoutBelow(path)
    const invalid = (why: string) => new PgdError('PGD_INPUT_INVALID', `${escapeValue(from)} ${why}`, { field: 'path' })
    const found = await readDataDirectory(from)
    if (found === undefined) throw invalid('is no data directory of PostgreSQL that this account can read')
    if (found.version !== project.version) {
      throw invalid(`is of PostgreSQL ${found.version}, and the project of ${project.version}`)
    }
    if (await stat(join(from, 'postmaster.pid')).catch(() => undefined)) throw invalid('belongs to a server that runs')
    await cp(from, data, { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE })
    await chmod(data, 0o700)
    await ensureConfiguration(data)
    // Of the copy: it may have been started meanwhile.
    if (!(await readDataDirectory(data))?.isShutDown) throw invalid('was not shut down in good order')
  }

const baseBackup =
  ({ url, password }: { readonly url: string; readonly password?: string }): Work =>
  async (call, runtime, project, { path }) => {
    call.step('Copying the server')
    const layout = runtime.layoutOf(path)
    const secret = join(path, '.pgpass')
    // Any host and database: only this program, in this volume, reads it.
    if (password !== undefined) await put(secret, `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`)
    await mkdir(layoutBelow(path).data, { recursive: true, mode: 0o700 })
    const argv = ['pg_basebackup', '-D', layout.data, '-X', 'stream', '-c', 'fast', '--no-password', '-d', url] as const
    const env = password === undefined ? {} : { PGPASSFILE: join(layout.root, '.pgpass') }
    try {
      await run(runtime, {
        argv: [...argv],
        kind: kindOf(project),
        volume: path,
        env,
        network: true,
        signal: call.signal,
      })
    } finally {
      await rm(secret, { force: true })
    }
  }
