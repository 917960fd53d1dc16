import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'

// Source of the formats: c2sp.org/signed-note, and its verifier keys as golang.org/x/mod/sumdb/note writes them.

/** Key that signs notes. `name` is neither empty nor has spaces or `+`. */
export interface NoteSigner {
  readonly name: string
  readonly privateKey: KeyObject
}

/** Key that notes are verified with. */
export interface NoteVerifier {
  readonly name: string
  /** First four bytes of SHA-256 of name, newline, 0x01 and the key. */
  readonly id: Buffer
  readonly publicKey: KeyObject
}

const ed25519 = 1
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')
/** Longest note that is read, in characters. */
const maxNote = 65_536
const dash = '\u2014'

/** The name of a key or log: printable, without spaces and `+`. */
export const isNoteName = (name: string): boolean => /^[!-*,-~]{1,256}$/.test(name)

function keyId(name: string, key: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(ed25519)).update(key).digest().subarray(0, 4)
}

const rawKey = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(spkiHead.length)

/** Text form of a public key, `<name>+<id in hex>+<base64>`, which other tools for signed notes take too. */
export function encodeVerifier({ name, privateKey }: NoteSigner): string {
  const key = rawKey(createPublicKey(privateKey))
  return `${name}+${keyId(name, key).toString('hex')}+${Buffer.concat([Buffer.of(ed25519), key]).toString('base64')}`
}

/** Reads the text form of a public key. Throws `PRIVEXEC_ARGUMENT_INVALID`. */
export function parseVerifier(text: string): NoteVerifier {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  const key = bytes.subarray(1)
  if (bytes.length !== 33 || bytes[0] !== ed25519 || keyId(name, key).toString('hex') !== id) {
    throw invalid('publicKey', 'is not an Ed25519 verifier key', text)
  }
  const publicKey = createPublicKey({ key: Buffer.concat([spkiHead, key]), format: 'der', type: 'spki' })
  return { name, id: keyId(name, key), publicKey }
}

/** Signs a text, which ends with a newline and has no other control characters. */
export function signNote(text: string, signer: NoteSigner): string {
  const id = keyId(signer.name, rawKey(createPublicKey(signer.privateKey)))
  const signature = sign(null, Buffer.from(text), signer.privateKey)
  return `${text}\n${dash} ${signer.name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

/** Splits a note into its text and its signature lines. Throws `PRIVEXEC_ARGUMENT_INVALID`; verifies nothing. */
export function splitNote(note: string): { readonly text: string; readonly signatures: readonly string[] } {
  const at = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them
  if (at < 0 || note.length > maxNote || /[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith('\n')) {
    throw invalid('checkpoint', 'is not a signed note', note)
  }
  const signatures = note.slice(at + 2, -1).split('\n')
  return { text: note.slice(0, at + 1), signatures }
}

/**
 * True when the note bears a valid signature of the key. Signatures of other keys are ignored; one of this key that is
 * wrong spoils the note.
 */
export function isSignedBy(note: string, verifier: NoteVerifier): boolean {
  const { text, signatures } = splitNote(note)
  let found = false
  for (const line of signatures) {
    const [, name, encoded = ''] = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
    const bytes = Buffer.from(encoded, 'base64')
    if (name !== verifier.name || !bytes.subarray(0, 4).equals(verifier.id)) continue
    if (!verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(4))) return false
    found = true
  }
  return found
}

/** An error about one field, which shows the value. */
export function invalid(field: string, what: string, value: string): PrivexecError {
  return new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', `${field} ${what}: ${escapeValue(value)}`, { field })
}
