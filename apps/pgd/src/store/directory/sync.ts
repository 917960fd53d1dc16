import { execFile } from 'node:child_process'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Puts a directory with all that is in it on the disk: by one call for the whole file system, which `sync` of Linux has
 * and Node has not, else file by file.
 */
export async function syncFiles(directory: string): Promise<void> {
  try {
    await promisify(execFile)('sync', ['-f', directory])
  } catch {
    await syncEach(directory)
  }
}

async function syncEach(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name)
    if (entry.isDirectory()) await syncEach(below)
    else await syncOne(below)
  }
  await syncOne(path)
}

async function syncOne(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
