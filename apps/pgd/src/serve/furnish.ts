import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { hbaText, identText } from '../postgres/hba.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { ensureServerCertificate } from '../tls/server.ts'
import { layoutBelow } from './layout.ts'

/**
 * Puts into a fresh volume what its server needs of its own, and not its parent's: archive, socket directory, who may log
 * in; and a certificate, where the parent's is none any more.
 */
export async function furnish(context: Context, runtime: Runtime, volume: string): Promise<void> {
  const { wal, run, tls, hba, ident, data } = layoutBelow(volume)
  const gone = [wal, run, join(volume, 'server.log'), join(data, 'postmaster.pid'), join(data, 'postmaster.opts')]
  await Promise.all(gone.map(path => rm(path, { recursive: true, force: true })))
  await Promise.all([wal, run].map(path => mkdir(path, { mode: 0o700 })))
  await Promise.all([
    ensureServerCertificate(tls, await context.authority()),
    keep(hba, hbaText),
    keep(ident, identText(runtime.account)),
  ])
}

/** Replaces a file that has another text; a copy mostly has the right one, and needs no write to the disk. */
async function keep(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await put(path, text)
}

/** Replaces a file at once; nobody else may read it. */
export async function put(path: string, text: string): Promise<void> {
  await write(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

/** Writes a file for good, which is made anew; nobody else may read it. */
export async function write(path: string, text: string): Promise<void> {
  await rm(path, { force: true })
  await writeFile(path, text, { mode: 0o600, flag: 'wx', flush: true })
}
