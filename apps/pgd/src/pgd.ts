import type {
  AdoptProject,
  BranchView,
  CallOptions,
  Connection,
  CreateBranch,
  CreateProject,
  DiffView,
  Mending,
  ProjectView,
  SnapshotView,
  WalView,
} from './api.ts'
import type { Context } from './context.ts'
import { type OpenOptions, openContext } from './open.ts'
import { adoptProject } from './operations/adopt.ts'
import { promoteBranch, protectBranch, renameBranch } from './operations/change.ts'
import { connectionOf, rotatePassword } from './operations/connection.ts'
import { createBranch } from './operations/create-branch.ts'
import { createProject } from './operations/create-project.ts'
import { deleteBranch, deleteProject } from './operations/delete.ts'
import { diffBranches } from './operations/diff.ts'
import { collect } from './operations/gc.ts'
import { type ImportSource, importProject } from './operations/import.ts'
import { restartBranch, startBranch, stopBranch } from './operations/lifecycle.ts'
import { getBranch, getProject, listBranches, listProjects, status } from './operations/list.ts'
import { type MendOptions, repair } from './operations/repair.ts'
import { resetBranch, undoReset } from './operations/reset.ts'
import {
  createSnapshot,
  deleteSnapshot,
  listSnapshots,
  type PruneSnapshots,
  pruneSnapshots,
} from './operations/snapshots.ts'
import { pruneWal, walOf } from './operations/wal.ts'

/**
 * Branches PostgreSQL databases, as the account that this process runs as. Branches are named `project/branch` or by the
 * beginning of their id. Every method rejects with `PgdError`, of which exactly one reason is true.
 */
export class Pgd {
  readonly #context: Context

  private constructor(context: Context) {
    this.#context = context
  }

  /** Finds storage and runtimes, or takes those that the options name. Rejects with `PGD_NOT_SET_UP`. */
  static async open(options: OpenOptions = {}): Promise<Pgd> {
    return new Pgd(await openContext(options))
  }

  readonly projects = {
    /** Makes a project with its first branch, `main`, an empty database. */
    create: (name: string, options?: CreateProject): Promise<ProjectView> =>
      createProject(this.#context, name, options),
    /** Makes a project whose first branch has the data of a running server, a dump, or a data directory. */
    import: (name: string, source: ImportSource, options?: CreateProject): Promise<ProjectView> =>
      importProject(this.#context, name, source, options),
    /** Makes branches of databases that lie in the storage below a project's name and are not of pgd; copies nothing. */
    adopt: (name: string, options?: AdoptProject): Promise<ProjectView> => adoptProject(this.#context, name, options),
    list: (): Promise<ProjectView[]> => listProjects(this.#context),
    get: (name: string): Promise<ProjectView> => getProject(this.#context, name),
    /** Deletes a project with all of its branches, unless one is protected. */
    delete: (name: string, options?: CallOptions): Promise<void> => deleteProject(this.#context, name, options),
  }

  readonly branches = {
    create: (name: string, options?: CreateBranch): Promise<BranchView> => createBranch(this.#context, name, options),
    list: (project?: string): Promise<BranchView[]> => listBranches(this.#context, project),
    get: (name: string): Promise<BranchView> => getBranch(this.#context, name),
    /** Gives a branch its parent's data; what it had before is kept for a day. */
    reset: (name: string, options?: CallOptions & { readonly at?: number; readonly snapshot?: string }) =>
      resetBranch(this.#context, name, options),
    /** Takes back the last reset. */
    undoReset: (name: string, options?: CallOptions): Promise<BranchView> => undoReset(this.#context, name, options),
    delete: (name: string, options?: CallOptions): Promise<void> => deleteBranch(this.#context, name, options),
    start: (name: string, options?: CallOptions): Promise<BranchView> => startBranch(this.#context, name, options),
    stop: (name: string, options?: CallOptions): Promise<BranchView> => stopBranch(this.#context, name, options),
    restart: (name: string, options?: CallOptions & { readonly port?: number }): Promise<BranchView> =>
      restartBranch(this.#context, name, options),
    rename: (name: string, newName: string, options?: CallOptions): Promise<BranchView> =>
      renameBranch(this.#context, name, newName, options),
    protect: (name: string, isProtected = true, options?: CallOptions): Promise<BranchView> =>
      protectBranch(this.#context, name, isProtected, options),
    promote: (name: string, options?: CallOptions): Promise<BranchView> => promoteBranch(this.#context, name, options),
    /** How to connect, with the password. */
    connection: (name: string): Promise<Connection> => connectionOf(this.#context, name),
    rotatePassword: (name: string, options?: CallOptions): Promise<BranchView> =>
      rotatePassword(this.#context, name, options),
    diff: (left: string, right: string, options?: CallOptions & { readonly database?: string }): Promise<DiffView> =>
      diffBranches(this.#context, left, right, options),
    /** Makes a branch for as long as some work takes, and deletes it afterwards, also when the work fails. */
    use: async <T>(
      name: string,
      options: CreateBranch,
      work: (branch: BranchView, connection: Connection) => Promise<T>,
    ): Promise<T> => {
      const branch = await this.branches.create(name, { ...options, ephemeral: true })
      try {
        return await work(branch, await this.branches.connection(branch.name))
      } finally {
        await this.branches.delete(branch.name)
      }
    },
  }

  readonly snapshots = {
    create: (branch: string, options?: CallOptions & { readonly label?: string }): Promise<SnapshotView> =>
      createSnapshot(this.#context, branch, options),
    list: (branch?: string): Promise<SnapshotView[]> => listSnapshots(this.#context, branch),
    delete: (id: string, options?: CallOptions): Promise<void> => deleteSnapshot(this.#context, id, options),
    prune: (branch: string, options: PruneSnapshots): Promise<Mending[]> =>
      pruneSnapshots(this.#context, branch, options),
  }

  readonly wal = {
    info: (branch: string): Promise<WalView> => walOf(this.#context, branch),
    prune: (branch: string, options?: MendOptions): Promise<Mending[]> => pruneWal(this.#context, branch, options),
  }

  /** Storage, runtimes, and how much of each there is. */
  status() {
    return status(this.#context)
  }

  /** Takes back or sees through what was interrupted, and starts what should run. */
  repair(options?: MendOptions): Promise<Mending[]> {
    return repair(this.#context, options)
  }

  /** Deletes what has had its time. */
  gc(options?: MendOptions): Promise<Mending[]> {
    return collect(this.#context, options)
  }
}
