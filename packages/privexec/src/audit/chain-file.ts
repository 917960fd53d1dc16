import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, lstatSync, writeSync } from 'node:fs'
import { type AuditPosition, genesis, sealLine } from './chain.ts'
import { createAppend, openAppend, readTail } from './file.ts'
import { repairRecord, saveFragment } from './repair.ts'
import { beginSegment } from './rotate.ts'
import { fullSegments } from './segments.ts'
import { asciiJson } from './text.ts'
import { broken, unavailable } from './unavailable.ts'

/**
 * The file that a chain of records grows in, as one process sees it. Every method but `close` wants the lock between
 * processes to be held, throws `PRIVEXEC_AUDIT_UNAVAILABLE` or `PRIVEXEC_AUDIT_BROKEN`, and leaves whole lines only.
 */
export class ChainFile {
  readonly path: string
  readonly #maxBytes: number
  #fd = -1
  #device = -1
  #inode = -1
  /** Size after what this process has seen last; -1 makes the next look read the tail again. */
  #size = -1
  #last: AuditPosition = genesis
  #repair: string | undefined
  /** Descriptors of former files: a sync may still use them. */
  readonly #retired: number[] = []

  constructor(path: string, maxBytes: number) {
    this.path = path
    this.#maxBytes = maxBytes
  }

  get fd(): number {
    return this.#fd
  }

  get last(): AuditPosition {
    return this.#last
  }

  /** Opens the file, or creates the first one of a chain. */
  open(): void {
    const fd = openAppend(this.path)
    if (fd === undefined && fullSegments(this.path).length > 0)
      throw unavailable(this.path, 'is missing, but older segments exist')
    this.#use(fd ?? createAppend(this.path))
    this.refresh()
  }

  /** Learns what other processes appended or rotated, and repairs a torn end. One `lstat` when nothing happened. */
  refresh(): void {
    const stat = lstatSync(this.path, { throwIfNoEntry: false })
    if (stat === undefined) throw unavailable(this.path, 'was removed')
    if (stat.ino === this.#inode && stat.dev === this.#device) {
      if (stat.size === this.#size) {
        this.#payRepair()
        return
      }
    } else {
      const fd = openAppend(this.path)
      if (fd === undefined) throw unavailable(this.path, 'was removed')
      this.#use(fd)
    }
    this.#readTail(this.#last)
  }

  /** After somebody moved the file away: goes on in the file of that name, a new one where there is none. */
  reopen(): void {
    const { last } = readTail(this.#fd)
    if (last !== undefined && last.sequence > this.#last.sequence) this.#last = last
    this.#use(openAppend(this.path) ?? createAppend(this.path))
    const carried = this.#last
    const { size } = fstatSync(this.#fd)
    if (size === 0) this.#size = 0
    else this.#readTail(carried)
  }

  /** Appends records, given as JSON, with one write. On failure nothing of them is left. */
  append(records: readonly string[]): AuditPosition[] {
    if (this.#size >= this.#maxBytes) this.#rotate()
    const positions: AuditPosition[] = []
    let text = ''
    let last = this.#last
    for (const json of records) {
      const sealed = sealLine(json, last)
      text += `${sealed.line}\n`
      last = sealed.position
      positions.push(last)
    }
    this.#write(text)
    this.#last = last
    return positions
  }

  /** Closes descriptors of former files; no sync of them may be running. */
  closeRetired(): void {
    for (const fd of this.#retired.splice(0)) closeSync(fd)
  }

  close(): void {
    this.closeRetired()
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #use(fd: number): void {
    if (this.#fd >= 0) {
      // Records that wait for a sync of the former file become durable here, so a sync of the new one answers for them.
      fdatasyncSync(this.#fd)
      this.#retired.push(this.#fd)
    }
    const stat = fstatSync(fd)
    this.#fd = fd
    this.#device = stat.dev
    this.#inode = stat.ino
    this.#size = -1
  }

  #readTail(known: AuditPosition): void {
    const tail = readTail(this.#fd)
    if (tail.edited) throw broken(this.path, 'its last record was edited')
    const last = tail.last ?? this.#carried()
    // Compared with what this process saw, not with the file: a rolled back file is whole in itself.
    if (last.sequence < known.sequence)
      throw broken(this.path, `was rolled back from record ${known.sequence} to ${last.sequence}`)
    this.#last = last
    this.#size = tail.size
    if (tail.sound < tail.size) this.#setAside(tail.sound)
    this.#payRepair()
  }

  /** The last record before this file: of the newest full segment. */
  #carried(): AuditPosition {
    const newest = fullSegments(this.path).at(-1)
    if (newest === undefined) return genesis
    const fd = openAppend(newest)
    if (fd === undefined) throw unavailable(newest, 'was removed')
    const tail = readTail(fd)
    closeSync(fd)
    if (tail.last === undefined || tail.sound < tail.size) throw broken(newest, 'does not end with a whole record')
    return tail.last
  }

  #setAside(sound: number): void {
    const fragment = saveFragment(this.path, this.#fd, sound, this.#size, this.#last.sequence + 1)
    ftruncateSync(this.#fd, sound)
    this.#size = sound
    this.#repair = asciiJson(repairRecord(fragment))
  }

  /** Writes the record of a repair, which a full disk may have put off. */
  #payRepair(): void {
    const record = this.#repair
    this.#repair = undefined
    if (record === undefined) return
    try {
      this.append([record])
    } catch (error) {
      this.#repair = record
      throw error
    }
  }

  #rotate(): void {
    try {
      this.#use(beginSegment(this.path, this.#fd))
      this.#size = 0
    } catch {
      // A file that is too long is better than none; the append tells whether the disk is full.
      if (this.#size < 0) throw unavailable(this.path, 'cannot be rotated')
    }
  }

  #write(text: string): void {
    const start = this.#size
    try {
      // ASCII, so characters are bytes.
      for (let done = 0; done < text.length; ) done += writeSync(this.#fd, text.slice(done), null, 'latin1')
      this.#size = start + text.length
    } catch (error) {
      this.#takeBack(start)
      throw unavailable(this.path, 'cannot be written', error)
    }
  }

  #takeBack(size: number): void {
    try {
      ftruncateSync(this.#fd, size)
      this.#size = size
    } catch {
      // The next look finds the torn line and repairs it.
      this.#size = -1
    }
  }
}
