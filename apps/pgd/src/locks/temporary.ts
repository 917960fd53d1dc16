import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scratchName, sweepScratch } from './scratch.ts'

/** A directory that only this account may enter, for as long as this process works; it removes it itself. */
export async function temporaryDirectory(): Promise<string> {
  const path = scratchName(join(tmpdir(), 'pgd'))
  await mkdir(path, { mode: 0o700 })
  return path
}

/** Removes those of processes that were killed. */
export const sweepTemporary = (): Promise<void> => sweepScratch(join(tmpdir(), 'pgd'))
