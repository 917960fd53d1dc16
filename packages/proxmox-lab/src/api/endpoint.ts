import type { Tickets } from '../access/identity.ts'
import type { Faults } from '../faults/faults.ts'
import type { GuestRuntime } from '../guests/runtime.ts'
import type { Checked } from '../schema/check.ts'
import { type Parameters, propertyOf } from '../schema/property.ts'
import type { Store } from '../state/store.ts'
import type { State } from '../state/types.ts'
import type { TaskFault, Tasks, Worker } from '../tasks/tasks.ts'
import type { Consoles } from '../wire/consoles.ts'

/** What a node is made of; every method works on it. */
export interface World {
  readonly node: string
  readonly version: 8 | 9
  readonly store: Store
  readonly state: State
  readonly tasks: Tasks
  readonly runtime: GuestRuntime
  readonly tickets: Tickets
  readonly consoles: Consoles
  readonly faults: Faults
  /** SHA-256 of the certificate, as Proxmox writes it. */
  readonly fingerprint: string
  /** Milliseconds since 1970 at which the node was started. */
  readonly bootedAt: number
}

/** Who may call a method; names in braces are parameters. */
export type Permission =
  | 'all'
  | 'world'
  | { readonly path: string; readonly privileges: readonly string[]; readonly any?: true }
  /** What the method says itself. */
  | ((call: Call) => void)

/** One request to a method. */
export interface Call {
  readonly world: World
  /** User id, or `USER!TOKEN`; empty where no login is needed. */
  readonly who: string
  /** Parameters of path, query and body; checked, except while a permission is decided. */
  readonly params: Checked
  /** Fault that the next task is to have. */
  readonly taskFault: TaskFault | undefined
  /** Starts a worker for this call. */
  fork(type: string, id: string | number, work: (worker: Worker) => Promise<void>): string
}

/** Answer with a count beside the data. */
export class Counted {
  readonly data: unknown
  readonly total: number
  constructor(data: unknown, total: number) {
    this.data = data
    this.total = total
  }
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With names of parameters in braces: `/nodes/{node}/lxc/{vmid}`. */
  readonly path: string
  readonly permission: Permission
  readonly parameters: Parameters
  handle(call: Call): unknown
}

/** A parameter as text; undefined when it was not given. */
export function text(params: Checked, name: string): string | undefined {
  const value = params[name]
  return value === undefined ? undefined : String(value)
}

/** A boolean parameter. */
export const flag = (params: Checked, name: string): boolean => params[name] === 1

/** A parameter of the path or one that must be given. */
export const need = (params: Checked, name: string): string => String(params[name])

/** Parameters that a version does not have yet. */
const since9 = ['env', 'entrypoint', 'ha-managed']

/** The parameters of a method as a version knows them. */
export function forVersion(parameters: Parameters, version: 8 | 9): Parameters {
  if (version === 9 || !since9.some(name => propertyOf(parameters, name))) return parameters
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !since9.includes(name)))
}
