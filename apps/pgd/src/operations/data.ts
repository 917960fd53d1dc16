import { escapeValue } from '@broker/privexec/escape'
import type { CreateBranch } from '../api.ts'
import type { Context } from '../context.ts'
import { isPgdError, PgdError } from '../errors/error.ts'
import type { ProjectFacts, SnapshotFacts } from '../facts/model.ts'
import { newId } from '../names/id.ts'
import { showRef } from '../names/ref.ts'
import { copying } from '../postgres/backup.ts'
import { checkpoint, type RedoPoint } from '../postgres/checkpoint.ts'
import { type Session, withSession } from '../postgres/connect.ts'
import type { Early } from '../postgres/early.ts'
import { saysNoSpace } from '../postgres/words.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { layoutBelow } from '../serve/layout.ts'
import type { Place } from '../serve/serve.ts'
import type { Frozen, Snapshot, Volume } from '../store/store.ts'
import { findSnapshot } from '../world/find.ts'
import { type Branch, keyOf, serverOf, type World } from '../world/world.ts'
import { recover } from './recover.ts'
import type { Call } from './step.ts'
import { requireStill } from './still.ts'

/** Where the data of a new volume come from. */
export type Origin =
  | { readonly kind: 'now'; readonly parent: Ready; readonly early?: Early | undefined }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'time'; readonly world: World; readonly parent: Ready; readonly target: number }

export type Ready = Branch & { readonly current: Volume }

/** Origin that the options name. */
export function originOf(world: World, parent: Ready, { at, snapshot }: Pick<CreateBranch, 'at' | 'snapshot'>): Origin {
  if (at !== undefined && snapshot !== undefined) {
    throw new PgdError('PGD_INPUT_INVALID', 'at and snapshot cannot both be given', { field: 'snapshot' })
  }
  if (at !== undefined) return { kind: 'time', world, parent, target: at }
  if (snapshot === undefined) return { kind: 'now', parent }
  const found = findSnapshot(world, snapshot)
  if (found.of.project !== parent.project || found.of.branch !== parent.branch) {
    const message = `The snapshot ${found.facts.id} is one of ${showRef(found.of)}, not of ${showRef(parent)}`
    throw new PgdError('PGD_INPUT_INVALID', message, { field: 'snapshot' })
  }
  return { kind: 'snapshot', snapshot: found }
}

/** A volume with its data. */
export interface Taken {
  readonly volume: Volume
  /** What is still being written down of where they came from; to be awaited before the volume is declared ready. */
  readonly noted?: Promise<unknown>
}

/**
 * Makes the volume of a place with the data of an origin; it is mounted, and still has its parent's password. `arrived` may
 * be called before, when its files are there.
 */
export async function takeData(
  context: Context,
  call: Call,
  runtime: Runtime,
  project: ProjectFacts,
  origin: Origin,
  place: Place,
  arrived?: () => Promise<unknown>,
): Promise<Taken> {
  const { store } = context
  if (origin.kind === 'time') return { volume: await recover(context, call, runtime, project, origin, place) }
  if (origin.kind === 'snapshot') {
    call.step('Copying the snapshot')
    const facts = { ...place.facts, dataTime: origin.snapshot.facts.created }
    return { volume: await store.cloneSnapshot(origin.snapshot, place, facts, call.signal) }
  }
  const { parent, early } = origin
  call.step(`Copying ${showRef(parent)}`)
  const copy = async (frozen: Frozen, redo: RedoPoint | undefined): Promise<Taken> => {
    const facts: SnapshotFacts = { id: newId(), kind: 'branch', created: context.now() }
    const of = parent.current
    const { volume, snapshot } = await store.copyVolume(of, facts, place, place.facts, frozen, call.signal, arrived)
    if (snapshot === undefined) return { volume }
    // The time is that of now, and the writing takes some; the server can start meanwhile.
    const noted = complete(context, snapshot, redo)
    noted.catch(() => {})
    return { volume, noted }
  }
  return quiesced(context, parent, project, call, copy, early)
}

/** Takes a snapshot of a branch. */
export const takeSnapshot = (
  context: Context,
  branch: Ready,
  project: ProjectFacts,
  facts: Pick<SnapshotFacts, 'kind' | 'label'>,
  call: Call,
): Promise<Snapshot> =>
  quiesced(context, branch, project, call, async (frozen, redo) => {
    const all: SnapshotFacts = { id: newId(), created: context.now(), ...facts }
    return complete(context, await context.store.snapshot(branch.current, all, frozen, call.signal), redo)
  })

/**
 * Only now it is known by when the snapshot was complete; before, it is no base for a point in time. That is by the clock
 * of the server, as times of commits are.
 */
async function complete(context: Context, snapshot: Snapshot, redo: RedoPoint | undefined): Promise<Snapshot> {
  if (redo === undefined) return snapshot
  const { timeline, segment, ahead } = redo
  const facts: SnapshotFacts = { ...snapshot.facts, timeline, segment, created: context.now() + ahead }
  await context.store.changeSnapshot(snapshot, facts)
  return { ...snapshot, facts }
}

/**
 * Copies a branch with little for its copy to replay. A store that copies at one instant needs a checkpoint only; another
 * one copies while the server is told of it. A server that does not run has nothing in memory.
 */
async function quiesced<T>(
  context: Context,
  branch: Ready,
  project: ProjectFacts,
  call: Call,
  work: (frozen: Frozen, redo: RedoPoint | undefined) => Promise<T>,
  early?: Early,
): Promise<T> {
  if (serverOf(branch)?.state !== 'running') {
    await requireStill(context, branch, project)
    return work(notRunning, undefined)
  }
  let isQuiet = false
  try {
    const quiet = async (session: Session): Promise<T> => {
      const redo = await checkpoint(session, context.now)
      isQuiet = true
      return work(context.store.isAtomic ? notRunning : copying(session), redo)
    }
    const place = { run: layoutBelow(branch.current.path).run, signal: call.signal }
    return await withSession(place, quiet, early?.connect)
  } catch (error) {
    throw isQuiet ? error : await reasonOf(context, branch, project, error)
  }
}

/**
 * A server that has no space to write what it has in memory ends, and says why in its log alone, if there is space for that.
 */
async function reasonOf(context: Context, branch: Ready, project: ProjectFacts, error: unknown): Promise<unknown> {
  if (!isPgdError(error) || (error.code !== 'PGD_SERVER_FAILED' && error.code !== 'PGD_QUERY_FAILED')) return error
  const runtime = await context.runtime(project.runtime)
  const words = await runtime.log({ key: keyOf(branch.current) }, lastWords)
  const line = words.split('\n').findLast(saysNoSpace)
  if (line === undefined && (await context.store.space()).free > leastSpace) return error
  const why = line === undefined ? error.message : escapeValue(line, 300)
  const message = `The server of ${showRef(branch)} has no space to write what it has in memory: ${why}`
  return new PgdError('PGD_NO_SPACE', message, { stderr: words, cause: error })
}

/** Bytes free, of all storage, below which nobody can work. */
const leastSpace = 2 ** 20

/** Lines of a log that tell of what has just happened. */
const lastWords = 10

/** A server that does not run needs to be told nothing. */
const notRunning: Frozen = async copy => {
  await copy()
  return undefined
}
