import { AppstoreError } from '../errors/error.ts'

/** Attempts that are free, and the longest wait after that, in milliseconds. */
const free = 5
const longest = 15 * 60_000
/** More keys than that are somebody's flood; the oldest ones are forgotten. */
const mostKeys = 10_000

/**
 * Slows down guessing: after five failures each further one doubles the wait, from one second to fifteen minutes. Keys are
 * counted apart: an address, or an account. A success clears its keys.
 */
export class Attempts {
  readonly #failures = new Map<string, { count: number; until: number }>()

  /** @throws {AppstoreError} `APPSTORE_RATE_LIMITED` while one of the keys has to wait. */
  check(keys: readonly string[], now = Date.now()): void {
    const until = Math.max(...keys.map(key => this.#failures.get(key)?.until ?? 0))
    if (until <= now) return
    const retryAfter = Math.ceil((until - now) / 1000)
    throw new AppstoreError('APPSTORE_RATE_LIMITED', `Too many failed logins; wait ${retryAfter} s`, { retryAfter })
  }

  fail(keys: readonly string[], now = Date.now()): void {
    for (const key of keys) {
      const count = (this.#failures.get(key)?.count ?? 0) + 1
      const delay = count < free ? 0 : Math.min(longest, 1000 * 2 ** Math.min(20, count - free))
      this.#failures.delete(key)
      this.#failures.set(key, { count, until: now + delay })
    }
    for (const [key] of this.#failures) {
      if (this.#failures.size <= mostKeys) break
      this.#failures.delete(key)
    }
  }

  succeed(keys: readonly string[]): void {
    for (const key of keys) this.#failures.delete(key)
  }
}
