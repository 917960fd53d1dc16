import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts } from '../facts/model.ts'
import { showRef } from '../names/ref.ts'
import { archiveNow } from '../postgres/archive.ts'
import { clockAhead, clockTolerance } from '../postgres/clock.ts'
import { withSession } from '../postgres/connect.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { furnish } from '../serve/furnish.ts'
import { layoutBelow } from '../serve/layout.ts'
import { type Place, prepareRecovery, start } from '../serve/serve.ts'
import type { Snapshot, Volume } from '../store/store.ts'
import { keyOf, serverOf, snapshotsOf, type World } from '../world/world.ts'
import { gapsFrom } from './coverage.ts'
import type { Ready } from './data.ts'
import type { Call } from './step.ts'

/**
 * Makes a volume with the data of a branch as they were at an instant: the newest snapshot that was complete by then,
 * and the archived WAL from it on, which is only read. What the archive has to hold is forced into it and counted before
 * anything is made. Rejects with `PGD_NOT_COVERED`.
 */
export async function recover(
  context: Context,
  call: Call,
  runtime: Runtime,
  project: ProjectFacts,
  { world, parent, target }: { readonly world: World; readonly parent: Ready; readonly target: number },
  place: Place,
): Promise<Volume> {
  const base = baseFor(context, world, parent, target)
  call.step(`Looking whether the archive of ${showRef(parent)} reaches that time`)
  const archive = layoutBelow(parent.current.path).wal
  await withSession({ run: layoutBelow(parent.current.path).run, signal: call.signal }, async session => {
    refuseOtherClock(showRef(parent), await clockAhead(session, context.now))
    await archiveNow(session, call.signal)
  })
  const { segment = '', timeline = 0 } = base.facts
  const gaps = gapsFrom(await readdir(archive), segment)
  if (gaps.length > 0) {
    const shown = gaps.slice(0, 3).join(', ')
    throw new PgdError('PGD_NOT_COVERED', `The archive of ${showRef(parent)} lacks ${shown}`, { field: 'at' })
  }
  call.step('Copying the snapshot before it')
  const facts = { ...place.facts, dataTime: target }
  const volume = await context.store.cloneSnapshot(base, place, facts, call.signal)
  await furnish(context, runtime, volume.path)
  await writeFile(join(layoutBelow(volume.path).data, 'recovery.signal'), '', { mode: 0o600 })
  call.step('Replaying up to that time')
  const wish = { archive, timeline, target }
  const prepared = await prepareRecovery(runtime, project, { ...place, facts }, wish)
  // It answers when it has recovered, and not before.
  const session = await start(prepared, volume, call)
  await session.end()
  await runtime.stop({ key: keyOf(volume) }, 60)
  return volume
}

/** A time that was told by another clock than that of the commits would be another time. */
function refuseOtherClock(name: string, ahead: number): void {
  if (Math.abs(ahead) <= clockTolerance) return
  const message = `The clock of the server of ${name} is ${Math.abs(ahead)} ms ${ahead > 0 ? 'ahead of' : 'behind'} this one`
  throw new PgdError('PGD_NOT_COVERED', message, { field: 'at', hint: 'Let one service keep both clocks: pgd doctor' })
}

/** The newest snapshot that was complete at the target. */
function baseFor(context: Context, world: World, parent: Ready, target: number): Snapshot {
  const refuse = (why: string, hint?: string) =>
    new PgdError('PGD_NOT_COVERED', why, { field: 'at', ...(hint === undefined ? {} : { hint }) })
  if (target > context.now()) throw refuse('That time has not come yet')
  if (serverOf(parent)?.state !== 'running') {
    const hint = `Start it first: pgd branch start ${showRef(parent)}`
    throw refuse(`${showRef(parent)} does not run, so its last changes cannot be put into its archive`, hint)
  }
  const bases = snapshotsOf(world, parent).filter(({ facts }) => facts.segment !== undefined)
  const base = bases.find(({ facts }) => facts.created <= target)
  if (base !== undefined) return base
  const oldest = bases.at(-1)
  const from = oldest && new Date(oldest.facts.created).toISOString()
  throw refuse(
    from === undefined
      ? `${showRef(parent)} has no snapshot`
      : `The first snapshot of ${showRef(parent)} is of ${from}`,
    'Only what comes after a snapshot can be gone back to: pgd snapshot create makes one',
  )
}
