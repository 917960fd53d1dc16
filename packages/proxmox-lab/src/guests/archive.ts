import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Mount } from './runtime.ts'

const run = promisify(execFile)

/** Packs disks into a tar archive, each below the name of its key. Needs `tar`. */
export async function packDirectories(mounts: readonly Mount[], file: string): Promise<void> {
  for (const [index, { key, directory }] of mounts.entries())
    await tar([index === 0 ? '-cf' : '-rf', file, '--transform', `s,^\\.,${key},S`, '-C', directory, '.'])
}

/** Reads disks back from an archive of {@link packDirectories}; those that it does not have stay as they are. */
export async function unpackDirectories(file: string, mounts: readonly Mount[]): Promise<void> {
  for (const { key, directory } of mounts) {
    await mkdir(directory, { recursive: true })
    await tar(['-xpf', file, '-C', directory, '--strip-components=1', '--wildcards', `${key}/*`]).catch(
      (error: Error) => {
        if (!/Not found in archive/.test(error.message)) throw error
      },
    )
  }
}

async function tar(args: readonly string[]): Promise<void> {
  await run('tar', ['--numeric-owner', '--xattrs', '--sparse', ...args])
}
