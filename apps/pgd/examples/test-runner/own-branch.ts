import { type Connection, Pgd } from '@broker/pgd'

/** A branch that one worker of a test runner has to itself. */
export interface OwnBranch extends Connection {
  /** Gives it the data of its parent again. */
  reset(): Promise<void>
  /** Deletes it. */
  close(): Promise<void>
}

/**
 * Makes a branch for this worker, with the data of the project's `main`. It belongs to this process: when a worker is
 * killed before it closes the branch, `pgd gc` deletes it.
 */
export async function ownBranch(project: string): Promise<OwnBranch> {
  const pgd = await Pgd.open()
  const { name } = await pgd.branches.create(`${project}/worker-${process.pid}`, { ephemeral: true })
  return {
    ...(await pgd.branches.connection(name)),
    reset: async () => void (await pgd.branches.reset(name)),
    close: () => pgd.branches.delete(name),
  }
}
