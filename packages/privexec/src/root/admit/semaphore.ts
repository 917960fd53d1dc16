/** Gives back a place. Calling it again does nothing. */
export type Release = () => void

interface Waiter {
  readonly enter: () => void
}

/** A number of places, taken in the order in which they were asked for. */
export class Semaphore {
  #free: number
  readonly #waiting = new Set<Waiter>()

  /** `places`: 1 or more. */
  constructor(places: number) {
    this.#free = places
  }

  /** Waits for a place. Rejects with the reason of the signal when that aborts first. */
  acquire(signal: AbortSignal): Promise<Release> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve(this.#release())
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter: () => {
          signal.removeEventListener('abort', leave)
          resolve(this.#release())
        },
      }
      const leave = () => {
        this.#waiting.delete(waiter)
        reject(signal.reason)
      }
      this.#waiting.add(waiter)
      signal.addEventListener('abort', leave)
    })
  }

  #release(): Release {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const [next] = this.#waiting
      if (!next) this.#free += 1
      else {
        this.#waiting.delete(next)
        next.enter()
      }
    }
  }
}
