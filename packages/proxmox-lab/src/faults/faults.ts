import type { TaskFault } from '../tasks/tasks.ts'

/**
 * What goes wrong. Of the request: `status N` answers with that status instead of doing anything; `drop` closes the
 * connection before anything is done, `drop-after` when it is done; `half` does it and sends half of the answer; `hang`
 * never answers, `hang-after` does it and never answers. Of the task that it starts: `task-hang` waits before it does
 * anything until it is stopped, `task-hang-after` when its work is done, and `task-stuck` before, whoever stops it;
 * `task-fail` fails before, `task-fail-after` after its work; `task-warn` ends with a warning.
 * `id-race` lets somebody else create a guest of the wanted id just before.
 */
export type FaultKind =
  | `status ${number}`
  | 'drop'
  | 'drop-after'
  | 'half'
  | 'hang'
  | 'hang-after'
  | 'task-hang'
  | 'task-hang-after'
  | 'task-stuck'
  | 'task-fail'
  | 'task-fail-after'
  | 'task-warn'
  | 'id-race'

export interface Fault {
  /** Method and path that it is for, without `/api2/json`; a text must be equal. Left out: every request. */
  readonly match?: { readonly method?: string; readonly path?: string | RegExp }
  /** How many requests it hits, 1 unless given. */
  readonly times?: number
  /** How many matching requests pass before. */
  readonly after?: number
  readonly kind: FaultKind
}

interface Armed {
  readonly fault: Fault
  left: number
  skip: number
}

/** Faults that tests ask for; the first that matches is taken. */
export class Faults {
  #armed: Armed[] = []

  /** Adds a fault and returns what removes it. */
  add(fault: Fault): () => void {
    const armed = { fault, left: fault.times ?? 1, skip: fault.after ?? 0 }
    this.#armed.push(armed)
    return () => {
      this.#armed = this.#armed.filter(other => other !== armed)
    }
  }

  clear(): void {
    this.#armed = []
  }

  /** The fault of a request, which counts as used. */
  take(method: string, path: string): FaultKind | undefined {
    for (const armed of this.#armed) {
      const { match } = armed.fault
      if (armed.left <= 0) continue
      if (match?.method !== undefined && match.method !== method) continue
      if (typeof match?.path === 'string' && match.path !== path) continue
      if (match?.path instanceof RegExp && !match.path.test(path)) continue
      if (armed.skip > 0) {
        armed.skip -= 1
        continue
      }
      armed.left -= 1
      return armed.fault.kind
    }
    return undefined
  }
}

/** What a fault makes of the task that the request starts. */
export function taskFaultOf(kind: FaultKind | undefined): TaskFault | undefined {
  switch (kind) {
    case 'task-hang':
      return 'hang'
    case 'task-hang-after':
      return 'hang-after'
    case 'task-stuck':
      return 'stuck'
    case 'task-fail':
      return 'fail'
    case 'task-fail-after':
      return 'fail-after'
    case 'task-warn':
      return 'warn'
    default:
      return undefined
  }
}
