import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { VolumeFacts } from '../facts/model.ts'
import { newId } from '../names/id.ts'
import { parseName } from '../names/name.ts'
import { layoutBelow } from '../serve/layout.ts'
import type { Frozen, Volume } from '../store/store.ts'
import { type Finding, findings } from './finding.ts'

/** Project of a probe; whoever finds one that was left may delete it, which `pgd repair` does. */
export const probePrefix = 'pgd-probe-'

/** No server has these files open. */
const notRunning: Frozen = async copy => void (await copy())

/**
 * Makes a volume, writes into it, copies it, reads from the copy, and destroys both, as every branch does. What was made is
 * destroyed whatever happens; killed, it is `creating`, which the next `pgd repair` undoes.
 */
export async function checkByProbe({ store, locks, now }: Context, signal?: AbortSignal): Promise<readonly Finding[]> {
  const found = findings('probe')
  const project = parseName(`${probePrefix}${newId()}`, 'project')
  const [main, copy] = [parseName('main', 'branch'), parseName('copy', 'branch')]
  const facts = (): VolumeFacts => ({
    ...{ id: newId(), state: 'creating', created: now(), port: 1, wanted: 'stopped' },
  })
  const snapshot = { id: newId(), kind: 'branch', created: now() } as const
  const wanted = [project, `${project}/${main}`, `${project}/${copy}`]
  const work = async (): Promise<void> => {
    const made: Volume[] = []
    await store.createProject(project, { id: newId(), created: now(), runtime: 'process', version: 17 })
    try {
      const volume = await store.createVolume({ project, branch: main, generation: 1 }, facts())
      made.push(volume)
      const words = randomBytes(16).toString('hex')
      await mkdir(join(layoutBelow(volume.path).data, 'pg_wal'), { recursive: true, mode: 0o700 })
      const file = (path: string): string => join(layoutBelow(path).data, 'probe')
      await writeFile(file(volume.path), words, { flush: true })
      const at = { project, branch: copy, generation: 1 }
      const { volume: copied } = await store.copyVolume(volume, snapshot, at, facts(), notRunning, signal)
      made.push(copied)
      if ((await readFile(file(copied.path), 'utf8')) !== words) {
        throw new PgdError('PGD_STORE_UNAVAILABLE', 'A copy does not hold what was written before it was made')
      }
    } finally {
      for (const volume of made.reverse()) await store.destroyVolume(volume)
      await store.destroyProject(project)
    }
  }
  try {
    const names = wanted.map(name => ({ name, mode: 'exclusive' as const }))
    await locks.hold(names, { operation: 'doctor', signal }, work)
    found.ok(`${store.title}: a volume was made, written, copied and destroyed`)
  } catch (error) {
    found.failure(asPgdError(error))
  }
  return found.list
}

/** A failure of the file system is one of the storage. */
const asPgdError = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new PgdError('PGD_STORE_UNAVAILABLE', `The storage cannot be used: ${error.message}`, { cause: error })
    : error
