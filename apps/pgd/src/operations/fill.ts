import type { Context } from '../context.ts'
import type { ProjectFacts } from '../facts/model.ts'
import type { Session } from '../postgres/connect.ts'
import { newPassword } from '../postgres/scram.ts'
import type { Prepared, Runtime } from '../runtime/runtime.ts'
import { furnish } from '../serve/furnish.ts'
import { keepPassword } from '../serve/password.ts'
import { type Place, prepare, start } from '../serve/serve.ts'
import type { Volume } from '../store/store.ts'
import type { Taken } from './data.ts'
import { declare } from './declare.ts'
import type { Call } from './step.ts'

/** What is to be filled with data and served. */
export interface Target {
  readonly runtime: Runtime
  readonly project: ProjectFacts
  readonly place: Place
  /** Password to keep; a new one by default. */
  readonly password?: string
  /** Whether the server is prepared only when the data are there, since getting them takes a server too. */
  readonly inTurn?: boolean
  /** Called when all is ready to start, before it is started: a reset ends the old server then. */
  readonly beforeStart?: () => Promise<void>
  /** Puts data into the running server, before anybody else knows its password. */
  readonly load?: (volume: Volume) => Promise<void>
}

/**
 * Makes a volume, its own files and its server, and declares it ready when the server has answered a query. The server is
 * prepared while the data are taken; `take` may say that the files are there before it knows all of the volume. Whoever
 * calls it takes back what is left when it fails.
 */
export async function fill(
  context: Context,
  call: Call,
  { runtime, project, place, password = newPassword(), inTurn, beforeStart, load }: Target,
  take: (arrived: () => Promise<void>) => Promise<Taken>,
): Promise<Volume> {
  let furnishing: Promise<void> | undefined
  const arrived = (): Promise<void> => {
    furnishing ??= furnish(context, runtime, place.path)
    return furnishing
  }
  // What goes on while the server starts; its failures are those of all, at the end.
  const beside: Promise<unknown>[] = []
  const goOn = (work: Promise<unknown>): void => {
    work.catch(() => {})
    beside.push(work)
  }
  const taking = take(arrived).then(async ({ volume, noted }) => {
    if (noted !== undefined) goOn(noted)
    await arrived()
    return volume
  })
  const preparing = inTurn ? taking.then(() => prepare(runtime, project, place)) : prepare(runtime, project, place)
  const [taken, ready] = await Promise.allSettled([taking, preparing])
  try {
    if (taken.status === 'rejected' || ready.status === 'rejected') {
      if (ready.status === 'fulfilled') await ready.value.discard()
      throw taken.status === 'rejected' ? taken.reason : (ready as PromiseRejectedResult).reason
    }
    await beforeStart?.()
    goOn(keepPassword(place.path, password))
    const session = await begin(call, ready.value, taken.value, load)
    try {
      await Promise.all(beside)
      return await declare(context, taken.value, session)
    } finally {
      await session.end()
    }
  } finally {
    // Nothing of this goes on when what was made is taken back.
    await Promise.allSettled(beside)
  }
}

/** Starts a server for the first time. */
async function begin(call: Call, prepared: Prepared, volume: Volume, load: Target['load']): Promise<Session> {
  call.step('Starting the server')
  const session = await start(prepared, volume, call, volume.facts.port)
  try {
    await load?.(volume)
    // A copy's slots are those of its parent's consumers, who never come here; each would keep all WAL for ever.
    await session.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active')
    return session
  } catch (error) {
    await session.end()
    throw error
  }
}
