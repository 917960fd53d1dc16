import type { Context } from '../context.ts'
import { isPgdError, PgdError } from '../errors/error.ts'
import { type Ref, showRef } from '../names/ref.ts'
import { settle } from './discard.ts'
import { look } from './look.ts'

/**
 * Runs what makes something in a branch whose lock is held; when it fails, takes back what it left, as the next call would
 * after a kill, and passes the reason on.
 */
export async function undoing<T>(context: Context, ref: Ref, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    try {
      const world = await look(context, ref.project)
      const branch = world.branches.find(one => showRef(one) === showRef(ref))
      if (branch !== undefined) await settle(context, world, branch)
    } catch (cause) {
      const words = error instanceof Error ? error.message : String(error)
      const message = `${words}; and what it left of ${showRef(ref)} could not be taken back`
      // The reason is the first one: what broke the work off often keeps its traces from being removed too.
      const code = isPgdError(error) ? error.code : 'PGD_PROGRAM_FAILED'
      throw new PgdError(code, message, { cause: new AggregateError([error, cause]), hint: hintOf(error, cause) })
    }
    throw error
  }
}

/** What to do first, which whoever takes it back later needs too. */
const hintOf = (...errors: readonly unknown[]): string => {
  const isLost = errors.some(error => isPgdError(error) && error.isUnavailable)
  return `${isLost ? 'When it can be reached again, run' : 'Run'} pgd repair`
}
