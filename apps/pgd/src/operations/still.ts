import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
import type { ProjectFacts } from '../facts/model.ts'
import { showRef } from '../names/ref.ts'
import { whereData } from '../runtime/runtime.ts'
import { layoutBelow } from '../serve/layout.ts'
import type { Ready } from './data.ts'

/**
 * Sees to it that a branch of which no server is known has none: its files are copied as they lie there. Rejects with why
 * its runtime cannot be asked, with `PGD_FOREIGN` when a server runs that pgd lost sight of, and with `PGD_NOT_MOUNTED`
 * when there are no files.
 */
export async function requireStill(context: Context, { current, ...ref }: Ready, project: ProjectFacts): Promise<void> {
  const runtime = await context.runtime(project.runtime)
  if (!current.isMounted) return
  await access(join(layoutBelow(current.path).data, 'PG_VERSION')).catch(cause => {
    throw new PgdError('PGD_NOT_MOUNTED', `There are no data of ${showRef(ref)}`, { hint: whereData, cause })
  })
  if (context.store.isAtomic || !(await runtime.isServed(current.path))) return
  const message = `A server of ${showRef(ref)} runs that is just starting, or that pgd does not know`
  throw new PgdError('PGD_FOREIGN', message, { hint: `Restart it: pgd branch restart ${showRef(ref)}` })
}
