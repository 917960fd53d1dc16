import { endOperation } from '../transport/sudo/paths.ts'
import { openRead } from './lines.ts'
import { Matcher, type UnperformedRecord } from './matcher.ts'
import { readRecords, type StoredRecord } from './read.ts'
import { parseMarker, type RootAction, rootAction } from './root-action.ts'
import { sudoEvents } from './sudo-log.ts'

export interface ReconcileOptions {
  /** Audit files: one for each account that writes under these policies. */
  readonly audit: readonly string[]
  /** sudo's log with `log_format=json`, oldest file first. */
  readonly sudoLogs: readonly string[]
  /** Only actions of these accounts count; default all that are in the log. */
  readonly users?: readonly string[] | undefined
  /** Only what is not older is reported. */
  readonly since?: Date | undefined
}

/** Why an action has no record: no marker; a marker of no operation; of one with another argv; of one already used. */
export type UnrecordedReason = 'unmarked' | 'unknown' | 'other-arguments' | 'repeated'

export interface UnrecordedAction extends RootAction {
  readonly reason: UnrecordedReason
}

export interface Reconciliation {
  /** Every root action has its record. Records without an action are no fault of root's, so they do not count here. */
  readonly ok: boolean
  /** Root actions in the log, and how many of them have a record of their own. */
  readonly actions: number
  readonly matched: number
  /** Attempts that sudo refused. */
  readonly rejected: number
  /** At most 10,000, in the order of the log. */
  readonly unrecorded: readonly UnrecordedAction[]
  readonly unrecordedCount: number
  /** Intents that root never acted on, at most 10,000; `code` says what the outcome said. */
  readonly unperformed: readonly UnperformedRecord[]
  readonly unperformedCount: number
  /** Events that could not be read, and logs that end in the middle of one. */
  readonly malformed: number
}

const listed = 10_000
/** How far apart the clocks of a record and of its event may be before memory is spent on it, in milliseconds. */
const slack = 2000

/**
 * Compares what sudo says that root did with our records. Both are read once in the order of time, so memory grows with
 * what is open or unmatched only; a second reading of the records, when something is unmatched, tells why.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const matcher = new Matcher()
  let actions = 0
  let rejected = 0
  let malformed = 0
  const records = options.audit.map(file => new Cursor(readRecords(file)))
  const advance = async (until: number): Promise<void> => {
    for (const cursor of records) await cursor.advance(until, record => matcher.record(record))
  }
  for (const path of options.sudoLogs) {
    const handle = await openRead(path)
    try {
      const events = sudoEvents(handle, isCut => {
        if (isCut) malformed += 1
      })
      for await (const event of events) {
        if (event.kind === 'exit' || event.kind === 'alert') continue
        const action = rootAction(event)
        // What cannot be read is reported whoever it was.
        if (action.argv.length === 0) malformed += 1
        else if (options.users !== undefined && !options.users.includes(action.user)) continue
        if (event.kind === 'reject') {
          rejected += 1
          continue
        }
        actions += 1
        await advance(action.time.getTime() + slack)
        matcher.action(action)
      }
    } finally {
      await handle.close()
    }
  }
  await advance(Number.POSITIVE_INFINITY)
  const left = await explain(matcher, options.audit)
  const since = options.since?.getTime() ?? Number.NEGATIVE_INFINITY
  const unrecorded = left.filter(({ time }) => time.getTime() >= since)
  const unperformed = matcher.unperformed().filter(({ time }) => time.getTime() >= since)
  return {
    ok: unrecorded.length === 0 && malformed === 0,
    actions,
    matched: actions - left.length,
    rejected,
    unrecorded: unrecorded.slice(0, listed),
    unrecordedCount: unrecorded.length,
    unperformed: unperformed.slice(0, listed),
    unperformedCount: unperformed.length,
    malformed,
  }
}

/** Reads a stream of records as far as a time. */
class Cursor {
  readonly #records: AsyncGenerator<StoredRecord>
  #next: StoredRecord | undefined
  #isDone = false

  constructor(records: AsyncGenerator<StoredRecord>) {
    this.#records = records
  }

  async advance(until: number, take: (record: StoredRecord) => void): Promise<void> {
    while (!this.#isDone) {
      if (this.#next === undefined) {
        const { value, done } = await this.#records.next()
        this.#isDone = done === true
        this.#next = value
      }
      if (this.#next === undefined || Date.parse(this.#next['@timestamp']) > until) return
      take(this.#next)
      this.#next = undefined
    }
  }
}

async function explain(matcher: Matcher, audit: readonly string[]): Promise<UnrecordedAction[]> {
  const left = matcher.unmatched()
  const ids = new Set(left.map(action => operationOf(action)))
  const keys = new Map<string, Set<string>>()
  if (left.length > 0) {
    for (const file of audit) {
      for await (const record of readRecords(file)) {
        if (!ids.has(record.event.id)) continue
        const known = keys.get(record.event.id) ?? new Set()
        keys.set(record.event.id, known.add(Matcher.keyOf(record)))
      }
    }
  }
  return left
    .map(action => ({ ...action, reason: reasonOf(action, keys) }))
    .filter((action): action is UnrecordedAction => action.reason !== undefined)
    .sort((a, b) => a.time.getTime() - b.time.getTime() || a.offset - b.offset)
}

/** The operation that an action names; of the program that ends one, in its argument. */
function operationOf({ argv, marker }: RootAction): string | undefined {
  if (argv[0] === endOperation && argv.length === 2) return parseMarker(argv[1] ?? '')?.operation
  return marker?.operation
}

/** Undefined when there is nothing to report: an operation that is on record was ended. */
function reasonOf(action: RootAction, keys: ReadonlyMap<string, Set<string>>): UnrecordedReason | undefined {
  const operation = operationOf(action)
  if (operation === undefined) return 'unmarked'
  const known = keys.get(operation)
  if (known === undefined) return 'unknown'
  if (action.argv[0] === endOperation) return undefined
  return Matcher.keysOf(action).some(key => known.has(key)) ? 'repeated' : 'other-arguments'
}
