import { mkdir } from 'node:fs/promises'
import type { Mount } from './runtime.ts'

/** Runs a program on files of guests; throws when it fails. */
export type RunOnFiles = (argv: readonly string[]) => Promise<unknown>

const tar = ['tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--sparse'] as const

/** Packs disks into a tar archive, each below the name of its key. */
export async function packDisks(run: RunOnFiles, mounts: readonly Mount[], file: string): Promise<void> {
  for (const [index, { key, directory }] of mounts.entries())
    await run([...tar, index === 0 ? '-cf' : '-rf', file, '--transform', `s,^\\.,${key},S`, '-C', directory, '.'])
}

/** Reads disks back from an archive of {@link packDisks}; those that it does not have stay empty. */
export async function unpackDisks(run: RunOnFiles, file: string, mounts: readonly Mount[]): Promise<void> {
  for (const { key, directory } of mounts) {
    await mkdir(directory, { recursive: true })
    // Its own entry too, which has the owner of the disk: stripping components would leave that out.
    await run([...tar, '-xpf', file, '-C', directory, '--transform', `s,^${key},.,S`, key]).catch((error: Error) => {
      if (!/Not found in archive/.test(error.message)) throw error
    })
  }
}
