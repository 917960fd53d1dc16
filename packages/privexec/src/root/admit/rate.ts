/** Counts requests: a bucket that holds a minute's worth and fills steadily. */
export class Rate {
  readonly #perMinute: number
  #left: number
  #at: number

  /** `now`: milliseconds of a steady clock. */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute
    this.#left = perMinute
    this.#at = now
  }

  /** Takes one; false when none is left. */
  take(now: number): boolean {
    this.#left = Math.min(this.#perMinute, this.#left + ((now - this.#at) * this.#perMinute) / 60_000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
