/** How much a finding matters: `error` gives the principal more than the policy, or leaves it without what it has. */
export type Level = 'ok' | 'note' | 'warning' | 'error'

/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable name of the check, such as `drop-in`. */
  readonly check: string
  readonly level: Level
  /** What was looked at, and what was found. */
  readonly message: string
  /** What to do. */
  readonly advice?: string
}

/** Collects the findings of one check. */
export interface Findings {
  readonly list: readonly Finding[]
  ok(message: string): void
  note(message: string, advice?: string): void
  /** A note that something could not be looked at, so that all is not known to be well. */
  unknown(message: string, advice?: string): void
  warning(message: string, advice?: string): void
  error(message: string, advice?: string): void
  /** With a level that the circumstances decide. */
  add(level: Level, message: string, advice?: string): void
  /** Says that all is well when everything was looked at and nothing is worse than a note. */
  okIfNone(message: string): void
}

/** Makes an empty collection for a check. */
export function findings(check: string): Findings {
  const list: Finding[] = []
  let complete = true
  const add = (level: Level, message: string, advice?: string): void => {
    list.push({ check, level, message, ...(advice === undefined ? {} : { advice }) })
  }
  return {
    list,
    add,
    ok: message => add('ok', message),
    note: (message, advice) => add('note', message, advice),
    unknown: (message, advice) => {
      complete = false
      add('note', message, advice)
    },
    warning: (message, advice) => add('warning', message, advice),
    error: (message, advice) => add('error', message, advice),
    okIfNone: message => {
      if (complete && list.every(({ level }) => level === 'note' || level === 'ok')) add('ok', message)
    },
  }
}
