import type { Tree, Trees } from '../tree.ts'
import type { Warden } from '../warden.ts'
import type { Seat } from './seat.ts'

/** A process that waits to become a program, in a tree that holds nothing else. */
export interface Place {
  readonly tree: Tree
  readonly seat: Seat
}

/** Keeps one place, made beforehand while an operation is admitted and recorded: a fork takes longer than that. */
export interface Seats {
  /** Makes sure that there is one, or will be. */
  prepare(): void
  /** Takes it, or makes one. Rejects when there is none to be had. */
  take(): Promise<Place>
  /** Ends the one that nobody has taken. Resolves when this one, and all that were ended before, have given back their tree. */
  drop(): Promise<void>
}

export function openSeats(trees: Trees, warden: Pick<Warden, 'prepare'>): Seats {
  let next: Promise<Place | undefined> | undefined
  const make = async (): Promise<Place> => {
    const tree = trees.take()
    try {
      return { tree, seat: await warden.prepare(tree.directory ?? '') }
    } catch (error) {
      tree.release()
      throw error
    }
  }
  const takeNext = async (): Promise<Place | undefined> => {
    const taken = next
    next = undefined
    return await taken
  }
  let dropped: Promise<unknown> = Promise.resolve()
  const dropNext = async (): Promise<void> => {
    const place = await takeNext()
    place?.seat.drop()
    await place?.seat.gone
    place?.tree.release()
  }
  return {
    prepare() {
      next ??= make().catch(() => undefined)
    },
    async take() {
      const place = await takeNext()
      if (place && !place.seat.isGone) return place
      place?.tree.release()
      return make()
    },
    async drop() {
      dropped = Promise.all([dropped, dropNext()])
      await dropped
    },
  }
}
