import { type Release, Semaphore } from './semaphore.ts'

/** One lock for each object that operations are done to. */
export class Locks {
  readonly #locks = new Map<string, { readonly lock: Semaphore; users: number }>()

  /** Number of objects that somebody holds or waits for. */
  get size(): number {
    return this.#locks.size
  }

  /** Waits until nobody holds the object, in the order of asking. Rejects with the reason of the signal. */
  async take(object: string, signal: AbortSignal): Promise<Release> {
    const entry = this.#locks.get(object) ?? { lock: new Semaphore(1), users: 0 }
    this.#locks.set(object, entry)
    entry.users += 1
    const leave = () => {
      entry.users -= 1
      if (entry.users === 0) this.#locks.delete(object)
    }
    try {
      const release = await entry.lock.acquire(signal)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        release()
        leave()
      }
    } catch (error) {
      leave()
      throw error
    }
  }
}
