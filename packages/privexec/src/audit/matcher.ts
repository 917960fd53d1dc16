import type { StoredRecord } from './read.ts'
import { argvHash } from './record.ts'
import { argvKeys, type RootAction } from './root-action.ts'

/** An intent that root never acted on. */
export interface UnperformedRecord {
  readonly operation: string
  readonly command: string
  readonly sequence: number
  readonly time: Date
  /** Code of the outcome, such as `PRIVEXEC_SUDO_REFUSED`; undefined when there is no outcome either. */
  readonly code?: string
}

interface Intent extends UnperformedRecord {
  readonly key: string
}

/** Pairs intents and root actions one to one, in whatever order they come. */
export class Matcher {
  readonly #intents = new Map<string, Intent>()
  readonly #actions = new Map<string, RootAction[]>()

  /** Policy, operation and argv of a record; text, hence comparable. */
  static keyOf(record: StoredRecord): string {
    const cut = record.labels?.args_sha256
    const argv = typeof cut === 'string' ? cut : argvHash(record.process?.args ?? [])
    return `${record.event.id} ${argv} ${record.rule?.id}`
  }

  /** Keys of the records that an action may have. */
  static keysOf({ marker, argv }: RootAction): string[] {
    return marker === undefined ? [] : argvKeys(argv).map(key => `${marker.operation} ${key} ${marker.policy}`)
  }

  /** Takes a record: an intent waits for its action, an outcome tells of one that has none. */
  record(record: StoredRecord): void {
    const { id, type, action: command, sequence, code } = record.event
    const open = this.#intents.get(id)
    if (type.includes('end') && open !== undefined) this.#intents.set(id, { ...open, code })
    if (!type.includes('start')) return
    const key = Matcher.keyOf(record)
    if (!this.#takeAction(id, key)) {
      this.#intents.set(id, { operation: id, command, sequence, time: new Date(record['@timestamp']), key })
    }
  }

  /** Takes a root action, which uses its intent up. */
  action(action: RootAction): void {
    const id = action.marker?.operation ?? ''
    const intent = this.#intents.get(id)
    if (intent !== undefined && Matcher.keysOf(action).includes(intent.key)) this.#intents.delete(id)
    else {
      const waiting = this.#actions.get(id)
      if (waiting === undefined) this.#actions.set(id, [action])
      else waiting.push(action)
    }
  }

  unmatched(): RootAction[] {
    return [...this.#actions.values()].flat()
  }

  unperformed(): UnperformedRecord[] {
    return [...this.#intents.values()].map(({ key: _, ...intent }) => intent)
  }

  #takeAction(id: string, key: string): boolean {
    const waiting = this.#actions.get(id) ?? []
    const at = waiting.findIndex(action => Matcher.keysOf(action).includes(key))
    if (at < 0) return false
    waiting.splice(at, 1)
    if (waiting.length === 0) this.#actions.delete(id)
    return true
  }
}
