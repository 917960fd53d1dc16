import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec'
import { pack } from 'tar-stream'
import { AppstoreError } from '../errors/error.ts'
import type { ProvisionApp } from './app.ts'

/** The SDK that goes into every archive; beside `src` and `dist` alike. */
const sdk = join(import.meta.dirname, '../../sdk')

/** Bounds of an archive. */
const largest = 64 * 1024 * 1024
const mostFiles = 2000
const deepest = 8

/** One archive: all that a guest needs to run an app's script. Equal contents make equal bytes. */
export interface Archive {
  readonly bytes: Buffer
  /** SHA-256, the first 32 hexadecimal digits: name of the directory that it is unpacked into. */
  readonly digest: string
}

interface Entry {
  readonly name: string
  readonly bytes: Buffer
  readonly mode: number
}

/**
 * Packs SDK, runner, the app's `provision/` and `templates/`, and its permissions. Links and special files are refused.
 * @throws {AppstoreError} `APPSTORE_MANIFEST_INVALID` when a file of the app is not one that is packed.
 */
export async function buildArchive(app: ProvisionApp): Promise<Archive> {
  const entries = [...entriesOf(app)].sort((a, b) => (a.name < b.name ? -1 : 1))
  const total = entries.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (total > largest || entries.length > mostFiles) {
    throw invalid(app, 'provision', `has more than ${mostFiles} files or ${largest / 1024 / 1024} MiB in all`)
  }
  const tar = pack()
  for (const { name, bytes, mode } of entries) {
    tar.entry({ name, mode, size: bytes.length, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' }, bytes)
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex').slice(0, 32) }
}

function* entriesOf(app: ProvisionApp): Iterable<Entry> {
  const text = (name: string, value: unknown): Entry => ({
    name,
    bytes: Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`),
    mode: 0o600,
  })
  yield text('app.json', { id: app.id, script: app.script })
  yield text('permissions.json', permissionsOf(app))
  yield { name: 'runner', bytes: read(join(sdk, 'runner'), 'runner', app), mode: 0o700 }
  for (const entry of walk(join(sdk, 'appstore'), 'sdk/appstore', app)) if (entry.name.endsWith('.py')) yield entry
  yield* walk(join(app.folder, 'provision'), 'provision', app)
  if (lstatSync(join(app.folder, 'templates'), { throwIfNoEntry: false })?.isDirectory()) {
    yield* walk(join(app.folder, 'templates'), 'templates', app)
  }
}

/** The lists under the names that manifests and the SDK have for them. */
function permissionsOf({ permissions }: ProvisionApp): Record<string, readonly string[]> {
  const { installerScripts, aptRepos, ...rest } = permissions
  return { ...rest, installer_scripts: installerScripts, apt_repos: aptRepos }
}

function* walk(directory: string, name: string, app: ProvisionApp, depth = 0): Iterable<Entry> {
  if (depth > deepest) throw invalid(app, name, `is more than ${deepest} folders deep`)
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [path, inner] = [join(directory, entry.name), `${name}/${entry.name}`]
    if (entry.name === '__pycache__' || entry.name.endsWith('.pyc')) continue
    if (entry.isDirectory()) yield* walk(path, inner, app, depth + 1)
    else if (entry.isFile()) yield { name: inner, bytes: read(path, inner, app), mode: modeOf(path) }
    else throw invalid(app, inner, 'is no regular file')
  }
}

/** Executable or not is all that is kept of a mode. */
const modeOf = (path: string): number => ((lstatSync(path).mode & 0o100) === 0 ? 0o600 : 0o700)

/** The content of a file, which is no link by the time it is read either. */
function read(path: string, name: string, app: ProvisionApp): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = fstatSync(descriptor)
    if (!status.isFile()) throw invalid(app, name, 'is no regular file')
    if (status.size > largest) throw invalid(app, name, 'is too large')
    const bytes = Buffer.alloc(status.size)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, status.size, 0))
  } finally {
    closeSync(descriptor)
  }
}

const invalid = (app: ProvisionApp, file: string, why: string): AppstoreError =>
  new AppstoreError('APPSTORE_MANIFEST_INVALID', `App ${escapeValue(app.id)}: ${escapeValue(file)} ${why}`, {
    problems: [{ field: '', file, message: why }],
  })
