import { createHash, createHmac, pbkdf2, randomBytes, randomInt } from 'node:crypto'
import { promisify } from 'node:util'

/** ASCII alone, so that the normalisation of passwords (SASLprep) changes nothing, and URLs need no escapes. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const length = 32
/** What PostgreSQL uses itself; 190 random bits need no more. */
const iterations = 4096

/** A random password of 32 letters and digits. */
export const newPassword = (): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')

/**
 * What a server stores to know a password by (RFC 5803, in the form of `pg_authid`). It takes the place of the password
 * in `ALTER ROLE`, so that no statement, log or list of activities ever holds that. For passwords of printable ASCII.
 */
export async function verifierOf(password: string, salt: Uint8Array = randomBytes(16)): Promise<string> {
  if (!/^[ -~]+$/.test(password)) throw new TypeError('a password is of printable ASCII')
  const salted = await promisify(pbkdf2)(password, salt, iterations, 32, 'sha256')
  const keyed = (words: string): Buffer => createHmac('sha256', salted).update(words).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  const server = keyed('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${stored}:${server}`
}
