import type { RuntimeKind } from './facts/model.ts'
import type { Locks } from './locks/locks.ts'
import type { Runtime } from './runtime/runtime.ts'
import type { Store } from './store/store.ts'
import type { Authority } from './tls/authority.ts'

/** What operations work with; each part is opened when it is first needed. */
export interface Context {
  readonly store: Store
  readonly locks: Locks
  /** The runtime of that kind, or the one that a new project gets. Rejects with why there is none. */
  runtime(kind?: RuntimeKind): Promise<Runtime>
  /** All runtimes that this machine has. */
  runtimes(): Promise<readonly Runtime[]>
  authority(): Promise<Authority>
  /** Present instant, milliseconds since 1970. */
  now(): number
}
