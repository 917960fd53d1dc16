import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts } from '../facts/model.ts'
import { isIdPrefix, parseIdPrefix } from '../names/id.ts'
import { type Name, parseName } from '../names/name.ts'
import { parseRef, showRef } from '../names/ref.ts'
import type { Snapshot, Volume } from '../store/store.ts'
import type { Branch, World } from './world.ts'

/** Finds a branch by `project/branch`, or by the beginning of its id. Rejects with `PGD_NOT_FOUND`, `PGD_AMBIGUOUS`. */
export function findBranch(world: World, text: string, field = 'branch'): Branch {
  if (text.includes('/')) {
    const ref = parseRef(text, field)
    const found = world.branches.find(({ project, branch }) => project === ref.project && branch === ref.branch)
    if (found !== undefined) return found
    const of = world.branches.filter(({ project }) => project === ref.project).map(({ branch }) => branch)
    const hint = of.length > 0 ? { hint: `Branches of ${ref.project}: ${of.slice(0, 10).join(', ')}` } : {}
    throw new PgdError('PGD_NOT_FOUND', `There is no branch ${showRef(ref)}`, { field, ...hint })
  }
  return byId(world.branches, text, ({ id }) => id, 'branch', field)
}

/** The same for a branch that is complete. */
export function findReady(world: World, text: string, field = 'branch'): Branch & { readonly current: Volume } {
  const branch = findBranch(world, text, field)
  if (isReady(branch)) return branch
  const message = `The branch ${showRef(branch)} is not complete: it is being made or deleted, or that was interrupted`
  throw new PgdError('PGD_NOT_FOUND', message, { field, hint: 'pgd repair cleans up what was interrupted' })
}

export const isReady = (branch: Branch): branch is Branch & { readonly current: Volume } => branch.current !== undefined

/** Finds a project by its name, or by the beginning of its id. */
export function findProject(world: World, text: string, field = 'project'): { name: Name; facts: ProjectFacts } {
  const all = [...world.projects].map(([name, facts]) => ({ name, facts }))
  const named = all.find(({ name }) => name === text)
  if (named !== undefined) return named
  if (isIdPrefix(text)) return byId(all, text, ({ facts }) => facts.id, 'project', field)
  const name = parseName(text, field)
  throw new PgdError('PGD_NOT_FOUND', `There is no project ${name}`, { field })
}

/** Finds a snapshot by the beginning of its id. */
export const findSnapshot = (world: World, text: string, field = 'snapshot'): Snapshot =>
  byId(world.snapshots, text, ({ facts }) => facts.id, 'snapshot', field)

function byId<T>(all: readonly T[], text: string, idOf: (one: T) => string, kind: string, field: string): T {
  const prefix = parseIdPrefix(text, field, kind === 'branch' ? 'project/branch' : '')
  const found = all.filter(one => idOf(one).startsWith(prefix))
  const [first, second] = found
  if (first === undefined) throw new PgdError('PGD_NOT_FOUND', `There is no ${kind} ${escapeValue(text)}`, { field })
  if (second !== undefined) {
    const message = `${escapeValue(text)} is the beginning of ${found.length} ids`
    throw new PgdError('PGD_AMBIGUOUS', message, { field, hint: `They are ${found.map(idOf).join(', ')}` })
  }
  return first
}
