import { repairCode } from './repair.ts'

/** An operation that has an intent and no outcome. */
export interface UnfinishedOperation {
  readonly operation: string
  readonly command: string
  readonly sequence: number
}

/** Pairs intents and outcomes. Memory grows with the operations that are open, not with the records. */
export class Operations {
  readonly #open = new Map<string, UnfinishedOperation>()
  repairs = 0

  get count(): number {
    return this.#open.size
  }

  unfinished(limit: number): UnfinishedOperation[] {
    return [...this.#open.values()].slice(0, limit)
  }

  /** Takes in one record; false when the line is not JSON with an `event`. */
  note(line: Buffer): boolean {
    const event = eventOf(line)
    if (event === undefined) return false
    const { id, type, action, sequence, code } = event
    if (type.includes('start')) this.#open.set(id, { operation: id, command: action, sequence })
    else if (type.includes('end')) this.#open.delete(id)
    else if (code === repairCode) this.repairs += 1
    return true
  }
}

interface EventFields {
  readonly id: string
  readonly type: readonly string[]
  readonly action: string
  readonly sequence: number
  readonly code: string
}

function eventOf(line: Buffer): EventFields | undefined {
  try {
    const { event } = JSON.parse(line.toString('latin1')) as { event: EventFields }
    return typeof event.id === 'string' && Array.isArray(event.type) ? event : undefined
  } catch {
    return undefined
  }
}
