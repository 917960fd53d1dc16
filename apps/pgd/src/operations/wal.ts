import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallOptions, Mending, WalView } from '../api.ts'
import type { Context } from '../context.ts'
import { showRef } from '../names/ref.ts'
import { archiveFailure } from '../postgres/archive.ts'
import { withSession } from '../postgres/connect.ts'
import { isSegment } from '../postgres/wal.ts'
import { layoutBelow } from '../serve/layout.ts'
import { findReady } from '../world/find.ts'
import { serverOf, snapshotsOf, type World } from '../world/world.ts'
import { refuseUnmounted } from './connection.ts'
import { gapsFrom } from './coverage.ts'
import type { Ready } from './data.ts'
import { holding } from './hold.ts'
import { refOf } from './lifecycle.ts'
import { lookFor } from './look.ts'
import { calling } from './step.ts'

/** What the archive of a branch holds, and which times it can be taken back to. */
export async function walOf(context: Context, name: string): Promise<WalView> {
  const world = await lookFor(context, name)
  const branch = findReady(world, name)
  const files = await archiveOf(branch)
  const base = bases(world, branch).at(0)
  const isRunning = serverOf(branch)?.state === 'running'
  // What the server did not archive yet is still its own, and archived when somebody wants to go back.
  const pending = isRunning ? await readdir(join(layoutBelow(branch.current.path).data, 'pg_wal')) : []
  const names = [...files.map(({ name }) => name), ...pending]
  const gaps = base === undefined ? [] : gapsFrom(names, base.segment)
  const isCovered = base !== undefined && isRunning && gaps.length === 0
  const failure = isRunning ? await failureOf(branch) : undefined
  return {
    branch: showRef(branch),
    segments: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(base === undefined ? {} : { timeline: base.timeline }),
    ...(isCovered ? { from: iso(base.created), to: iso(context.now()) } : {}),
    gaps,
    ...(failure === undefined ? {} : { failure }),
  }
}

const iso = (instant: number): string => new Date(instant).toISOString()

/** Deletes archived WAL that no snapshot of the branch needs to be gone on from. */
export const pruneWal = (
  context: Context,
  name: string,
  options: CallOptions & { readonly dryRun?: boolean } = {},
): Promise<Mending[]> =>
  calling(options, async call => {
    const ref = await refOf(context, name)
    return holding(context, call, 'wal prune', { change: [ref] }, async world => {
      const branch = findReady(world, showRef(ref))
      const base = bases(world, branch).at(0)
      const files = await archiveOf(branch)
      // Without a snapshot nothing can be gone back to, so nothing of the archive is of use.
      const going = files.filter(({ name }) => base === undefined || name < base.segment)
      for (const { path } of options.dryRun ? [] : going) await rm(path)
      const bytes = going.reduce((sum, file) => sum + file.bytes, 0)
      const action = `delete ${going.length} segments of the archive, ${bytes} bytes`
      return [{ subject: showRef(ref), action, done: options.dryRun !== true }]
    })
  })

interface Base {
  readonly created: number
  readonly timeline: number
  readonly segment: string
}

/** Snapshots from which recovery can go on, the oldest first. */
const bases = (world: World, branch: Ready): Base[] =>
  snapshotsOf(world, branch)
    .flatMap(({ facts: { created, timeline, segment } }) =>
      timeline === undefined || segment === undefined ? [] : [{ created, timeline, segment }],
    )
    .reverse()

async function archiveOf(branch: Ready) {
  refuseUnmounted(branch)
  const { wal } = layoutBelow(branch.current.path)
  const names = (await readdir(wal)).filter(isSegment).sort()
  return Promise.all(
    names.map(async name => ({ name, path: join(wal, name), bytes: (await stat(join(wal, name))).size })),
  )
}

async function failureOf(branch: Ready): Promise<string | undefined> {
  const failed = await withSession({ run: layoutBelow(branch.current.path).run }, archiveFailure)
  return failed && `could not archive ${failed.file} at ${iso(failed.time)}`
}
