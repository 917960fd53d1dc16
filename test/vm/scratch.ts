import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory for a while. */
export interface Scratch {
  readonly directory: string
  remove(): void
}

/** Makes an empty directory that is gone after `remove`, or when this process exits. */
export function makeScratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'broker-vm-'))
  const clean = (): void => rmSync(directory, { recursive: true, force: true })
  process.once('exit', clean)
  return {
    directory,
    remove: () => {
      process.off('exit', clean)
      clean()
    },
  }
}
