import type { Context } from '../context.ts'
import type { ProjectFacts } from '../facts/model.ts'
import { setPassword } from '../postgres/password.ts'
import type { Prepared, Runtime } from '../runtime/runtime.ts'
import { furnish } from '../serve/furnish.ts'
import { type Place, prepare, start } from '../serve/serve.ts'
import type { Volume } from '../store/store.ts'
import type { Taken } from './data.ts'
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
 * prepared while the data are taken. Whoever calls it takes back what is left when it fails.
 */
export async function fill(
  context: Context,
  call: Call,
  { runtime, project, place, password, inTurn, beforeStart, load }: Target,
  take: () => Promise<Taken>,
): Promise<Volume> {
  let noted: Promise<unknown> | undefined
  const taking = take().then(async taken => {
    noted = taken.noted
    return { volume: taken.volume, secret: await furnish(context, runtime, taken.volume.path, password) }
  })
  const preparing = inTurn ? taking.then(() => prepare(runtime, project, place)) : prepare(runtime, project, place)
  const [taken, ready] = await Promise.allSettled([taking, preparing])
  try {
    if (taken.status === 'rejected' || ready.status === 'rejected') {
      if (ready.status === 'fulfilled') await ready.value.discard()
      throw taken.status === 'rejected' ? taken.reason : (ready as PromiseRejectedResult).reason
    }
    await beforeStart?.()
    await begin(call, ready.value, taken.value.volume, taken.value.secret, load)
  } finally {
    // Nothing of this goes on when what was made is taken back.
    await noted?.catch(() => {})
  }
  await noted
  const { volume } = taken.value
  return context.store.changeVolume(volume, { ...volume.facts, state: 'ready' })
}

/** Starts a server for the first time, and gives it its password. */
async function begin(
  call: Call,
  prepared: Prepared,
  volume: Volume,
  secret: string,
  load: Target['load'],
): Promise<void> {
  call.step('Starting the server')
  const session = await start(prepared, volume, call, volume.facts.port)
  try {
    await load?.(volume)
    // A copy's slots are those of its parent's consumers, who never come here; each would keep all WAL for ever.
    await session.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active')
    // A dump may have set another one.
    await setPassword(session, secret)
  } finally {
    await session.end()
  }
}
