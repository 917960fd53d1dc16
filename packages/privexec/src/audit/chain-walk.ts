import { type AuditPosition, genesis, type SealedLine } from './chain.ts'

/** What is wrong with a record. */
export type Fault = 'edited' | 'deleted' | 'reordered' | 'duplicated' | 'torn'

/** The first record that is not what it should be. */
export interface BadRecord {
  readonly file: string
  /** Line in that file, from 1 on. */
  readonly line: number
  /** The record that is edited, missing, moved or repeated. */
  readonly sequence: number
  readonly fault: Fault
  readonly detail: string
}

/**
 * A fault that was found. Whether a missing record was deleted or moved shows only further on, so the rest of the
 * chain is searched for it.
 */
export class BadSearch {
  readonly #bad: BadRecord
  #isMoved = false

  constructor(bad: BadRecord) {
    this.#bad = bad
  }

  /** True when reading on cannot change the verdict. */
  get isDone(): boolean {
    return this.#bad.fault !== 'deleted' || this.#isMoved
  }

  see(line: SealedLine | undefined): void {
    if (line?.sound === true && line.sequence === this.#bad.sequence) this.#isMoved = true
  }

  verdict(): BadRecord {
    return this.#isMoved
      ? { ...this.#bad, fault: 'reordered', detail: 'the record stands behind later ones' }
      : this.#bad
  }
}

/** Walks a chain line by line and stops counting at the first fault. */
export class ChainWalk {
  #head: AuditPosition = genesis
  #isAnchored: boolean
  readonly #watch: number | undefined
  records = 0
  search: BadSearch | undefined
  /** Hash of the record whose sequence is watched, once it was met. */
  watched: string | undefined

  /** `isPruned`: the first record may have any sequence. `watch`: the sequence whose hash is wanted. */
  constructor(isPruned: boolean, watch: number | undefined) {
    this.#isAnchored = !isPruned
    this.#watch = watch
  }

  get head(): AuditPosition {
    return this.#head
  }

  /** True when the line is the record that belongs here. */
  step(file: string, line: number, sealed: SealedLine | undefined): boolean {
    if (this.search !== undefined) {
      this.search.see(sealed)
      return false
    }
    const expected = this.#head.sequence + 1
    const report = (sequence: number, fault: Fault, detail: string): boolean => {
      this.search = new BadSearch({ file, line, sequence, fault, detail })
      return false
    }
    if (sealed === undefined) return report(expected, 'edited', 'the line does not end with a chain member')
    if (!sealed.sound) return report(expected, 'edited', 'the bytes of the line are not those that were hashed')
    if (this.#isAnchored) {
      if (sealed.sequence > expected)
        return report(expected, 'deleted', `record ${sealed.sequence} stands in its place`)
      if (sealed.sequence < expected) return report(sealed.sequence, 'duplicated', 'the record was met before')
      if (sealed.previous !== this.#head.hash)
        return report(expected, 'edited', 'it does not follow the record before it')
    }
    this.#isAnchored = true
    this.#head = { sequence: sealed.sequence, hash: sealed.hash }
    this.records += 1
    if (sealed.sequence === this.#watch) this.watched = sealed.hash
    return true
  }

  /** The record just accepted is no JSON: somebody who can hash wrote it. */
  unreadable(file: string, line: number): void {
    this.search = new BadSearch({
      file,
      line,
      sequence: this.#head.sequence,
      fault: 'edited',
      detail: 'the line is not a record',
    })
  }

  fail(file: string, fault: Fault, detail: string): void {
    this.search = new BadSearch({ file, line: 0, sequence: this.#head.sequence + 1, fault, detail })
  }
}
