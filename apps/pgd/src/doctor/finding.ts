import { isPgdError } from '../errors/error.ts'

/** How much a finding matters: with a `problem` something cannot be done. */
export type Level = 'ok' | 'warning' | 'problem'

/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable name of the check: `storage`, `clock`. */
  readonly check: string
  readonly level: Level
  readonly message: string
  /** What to do: a command where there is one. */
  readonly advice?: string
}

/** Collects what one check finds. */
export interface Findings {
  readonly list: readonly Finding[]
  ok(message: string): void
  warning(message: string, advice?: string): void
  problem(message: string, advice?: string): void
  /** A problem by what was thrown; rethrows what is no `PgdError`. */
  failure(error: unknown, advice?: string): void
}

/** Makes an empty collection for a check. */
export function findings(check: string): Findings {
  const list: Finding[] = []
  const add = (level: Level, message: string, advice?: string): void =>
    void list.push({ check, level, message, ...(advice === undefined ? {} : { advice }) })
  return {
    list,
    ok: message => add('ok', message),
    warning: (message, advice) => add('warning', message, advice),
    problem: (message, advice) => add('problem', message, advice),
    failure: (error, advice) => {
      if (!isPgdError(error) || error.isCancelled) throw error
      const usual = advice ?? error.advice
      // Who reads this has run it.
      add('problem', error.message, usual.startsWith('Run pgd doctor') ? undefined : usual)
    },
  }
}
