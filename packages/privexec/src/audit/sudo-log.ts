import type { FileHandle } from 'node:fs/promises'

/** Kinds of events in sudo's JSON log. Source: eventlog.h of sudo 1.9. */
export type SudoEventKind = 'accept' | 'reject' | 'exit' | 'alert'

/** One event; `fields` is empty when its text was no JSON or too long. */
export interface SudoEvent {
  readonly kind: SudoEventKind
  readonly fields: Readonly<Record<string, unknown>>
  /** Byte offset of the event in the log. */
  readonly offset: number
}

/** Longest event in bytes. Linux allows 128 KiB an argument and some megabytes altogether, and sudo logs them twice. */
const maxEvent = 16_777_216
const kinds: ReadonlySet<string> = new Set(['accept', 'reject', 'exit', 'alert'])

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Cuts the events out of sudo's JSON log. The log is one growing object whose keys repeat, which JSON.parse would fold
 * into the last of each kind, or one object a line in the compact form, perhaps below a key `sudo`. So the text is
 * scanned for an object behind a key that names a kind; a value of a stranger cannot pose as one, since it is a string.
 */
export class SudoLogScanner {
  readonly #emit: (event: SudoEvent) => void
  #offset = 0
  /** Braces that are open; those of the event too. */
  #depth = 0
  #isString = false
  #isEscaped = false
  /** The string that was read last outside of an event: perhaps a key. */
  #key: number[] = []
  #kind: SudoEventKind | undefined
  #eventDepth = 0
  #eventOffset = 0
  #pieces: Buffer[] = []
  #size = 0

  constructor(emit: (event: SudoEvent) => void) {
    this.#emit = emit
  }

  /** True while an event is not complete: at the end of a log, that its last event was cut off. */
  get isInside(): boolean {
    return this.#kind !== undefined
  }

  /** Takes the next bytes of the log. */
  push(chunk: Buffer): void {
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (this.#isString) this.#inString(byte)
      else if (byte === quote) {
        this.#isString = true
        if (this.#kind === undefined) this.#key = []
      } else if (byte === openBrace) {
        this.#depth += 1
        if (this.#kind === undefined && this.#begin(at)) from = at
      } else if (byte === closeBrace) {
        this.#depth -= 1
        if (this.#kind !== undefined && this.#depth === this.#eventDepth) this.#end(chunk.subarray(from, at + 1))
      }
    }
    if (this.#kind !== undefined) this.#keep(chunk.subarray(from))
    this.#offset += chunk.length
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === backslash) this.#isEscaped = true
    else if (byte === quote) {
      this.#isString = false
      return
    }
    if (this.#kind === undefined && this.#key.length < 16) this.#key.push(byte)
  }

  #begin(at: number): boolean {
    const key = String.fromCharCode(...this.#key)
    this.#key = []
    if (!kinds.has(key)) return false
    this.#kind = key as SudoEventKind
    this.#eventDepth = this.#depth - 1
    this.#eventOffset = this.#offset + at
    return true
  }

  #end(last: Buffer): void {
    this.#keep(last)
    const fields = this.#size > maxEvent ? {} : parse(Buffer.concat(this.#pieces))
    this.#emit({ kind: this.#kind as SudoEventKind, fields, offset: this.#eventOffset })
    this.#kind = undefined
    this.#pieces = []
    this.#size = 0
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length
    // The caller reuses its buffer. Of an event that is too long nothing is kept, so that memory stays flat.
    if (this.#size > maxEvent) this.#pieces = []
    else this.#pieces.push(Buffer.from(piece))
  }
}

function parse(text: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(text.toString()) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** The events of a log in their order, in flat memory; `isCut` tells at the end that the last one is incomplete. */
export async function* sudoEvents(handle: FileHandle, ends?: (isCut: boolean) => void): AsyncGenerator<SudoEvent> {
  const buffer = Buffer.alloc(262_144)
  let events: SudoEvent[] = []
  const scanner = new SudoLogScanner(event => events.push(event))
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) break
    scanner.push(buffer.subarray(0, bytesRead))
    yield* events
    events = []
  }
  ends?.(scanner.isInside)
}
