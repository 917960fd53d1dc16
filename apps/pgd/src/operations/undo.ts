import type { Context } from '../context.ts'
import { PgdError } from '../errors/error.ts'
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
      const errors = new AggregateError([error, cause], message)
      throw new PgdError('PGD_PROGRAM_FAILED', message, { cause: errors, hint: 'Run pgd repair' })
    }
    throw error
  }
}
