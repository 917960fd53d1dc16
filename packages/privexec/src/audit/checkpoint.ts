import type { AuditPosition } from './chain.ts'
import { invalid, isNoteName, isSignedBy, type NoteSigner, type NoteVerifier, signNote, splitNote } from './note.ts'

/**
 * A signed statement about the head of a chain, in the form of a C2SP checkpoint: origin, number of records, hash. The
 * third line is the hash of the last record, not the root of a Merkle tree, so tools that only keep, compare and
 * cosign checkpoints can take it, and those that want inclusion proofs cannot.
 */
export interface Checkpoint extends AuditPosition {
  /** Which log: the name of its key. */
  readonly origin: string
}

/** Signs the head of a chain; the name of the key is the origin. */
export function signCheckpoint(head: AuditPosition, signer: NoteSigner): string {
  if (!isNoteName(signer.name))
    throw invalid('origin', 'has a space, a plus sign, or is empty or too long', signer.name)
  return signNote(`${signer.name}\n${head.sequence}\n${Buffer.from(head.hash, 'hex').toString('base64')}\n`, signer)
}

/** Reads a checkpoint without verifying its signature. Throws `PRIVEXEC_ARGUMENT_INVALID`. */
export function parseCheckpoint(note: string): Checkpoint {
  const { text } = splitNote(note)
  const match = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text)
  if (match === null) throw invalid('checkpoint', 'is not a checkpoint', note)
  const [, origin = '', sequence, hash = ''] = match
  return { origin, sequence: Number(sequence), hash: Buffer.from(hash, 'base64').toString('hex') }
}

/** The checkpoint when the key signed it and it is about the log of that name; undefined otherwise. */
export function verifyCheckpoint(note: string, verifier: NoteVerifier): Checkpoint | undefined {
  const checkpoint = parseCheckpoint(note)
  return checkpoint.origin === verifier.name && isSignedBy(note, verifier) ? checkpoint : undefined
}
