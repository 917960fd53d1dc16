import { hash } from 'node:crypto'

/** Where a record stands: its number from 1 on, and the SHA-256 of its line, 64 lower-case hex characters. */
export interface AuditPosition {
  readonly sequence: number
  readonly hash: string
}

/** The position before the first record. */
export const genesis: AuditPosition = { sequence: 0, hash: '0'.repeat(64) }

/** Longest line in bytes, without its newline. */
export const maxLine = 1_048_576

const opening = '{"event":{'
const beforeSequence = ',"chain":{"seq":'
const beforePrevious = ',"prev":"'
const beforeHash = '","hash":"'
const end = '"}}'
/** Bytes from the end of a line: of the hash with what surrounds it, and of the previous hash before that. */
const hashPart = beforeHash.length + 64 + end.length
const previousPart = beforePrevious.length + 64 + hashPart

/**
 * Makes the line of a record, without newline, from its JSON (ASCII, `event` first). The hash covers every byte of the
 * line before `","hash":"`, hence the record, the sequence and the previous hash; nothing has to be put in a canonical
 * form to verify it.
 */
export function sealLine(json: string, previous: AuditPosition): { line: string; position: AuditPosition } {
  const sequence = previous.sequence + 1
  const body = `${opening}"sequence":${sequence},${json.slice(opening.length, -1)}`
  const covered = `${body}${beforeSequence}${sequence}${beforePrevious}${previous.hash}`
  const digest = hash('sha256', covered, 'hex')
  return { line: `${covered}${beforeHash}${digest}${end}`, position: { sequence, hash: digest } }
}

/** True for JSON that {@link sealLine} takes: `event` first and not empty. */
export const isSealable = (json: string): boolean => json.startsWith(`${opening}"`) && json.length < maxLine - 512

/** What a line says of its place in the chain. `sound` is false when its bytes are not those that were hashed. */
export interface SealedLine extends AuditPosition {
  readonly previous: string
  readonly sound: boolean
}

/** Reads the chain member at the end of a line; undefined when the line does not have the form of {@link sealLine}. */
export function readLine(line: Buffer): SealedLine | undefined {
  const hashAt = line.length - hashPart
  const previousAt = line.length - previousPart
  if (previousAt < opening.length) return undefined
  const tail = line.toString('latin1', Math.max(0, previousAt - 40))
  const match = chainMember.exec(tail)
  if (match === null) return undefined
  const [, sequence = '', previous = '', digest = ''] = match
  const sound = hash('sha256', line.subarray(0, hashAt), 'hex') === digest
  return { sequence: Number(sequence), previous, hash: digest, sound }
}

const chainMember = /,"chain":\{"seq":([1-9]\d{0,14}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}\}$/
