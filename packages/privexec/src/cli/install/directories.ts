import { dirname } from 'node:path'
import { directoryStep, rootOwned, statOf } from './node.ts'
import type { Step } from './step.ts'

/** The directory and those above it that are missing, root's. */
export async function directories(path: string, what: string): Promise<Step[]> {
  const isThere = (await statOf(path)) !== undefined
  const above = isThere || path === '/' ? [] : await directories(dirname(path), what)
  const step = await directoryStep(path, rootOwned(0o755), what)
  // What others made may have another mode; that it is root's own is tested before anything is written into it.
  return isThere ? above : [...above.filter(({ state }) => state !== 'unchanged'), step]
}
