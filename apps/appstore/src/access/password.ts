import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { AppstoreError } from '../errors/error.ts'

/** Work of scrypt as OWASP's password storage cheat sheet has it: 2^15 rounds of 1 KiB three times, 32 MiB. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }
const bytes = 32

/** The shortest password, in characters, and the longest. */
export const passwordLength = { least: 12, most: 256 } as const

/** Only so many at once: each takes memory. */
let tail: Promise<unknown> = Promise.resolve()

/**
 * What is stored in place of a password: `scrypt$N$r$p$salt$hash`.
 * @throws {AppstoreError} `APPSTORE_INPUT_INVALID` for one of fewer than 12 or more than 256 characters.
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < passwordLength.least || password.length > passwordLength.most) {
    const message = `A password has ${passwordLength.least} to ${passwordLength.most} characters`
    throw new AppstoreError('APPSTORE_INPUT_INVALID', message, { field: 'password' })
  }
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** Whether it is the password. Takes as long for an account that does not exist (`stored` undefined). */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, N, r, p, salt, hash] = (stored ?? nobody).split('$')
  const wanted = Buffer.from(hash ?? '', 'base64url')
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: cost.maxmem as number }
  const given = password.slice(0, passwordLength.most)
  const found = await derive(given, Buffer.from(salt ?? '', 'base64url'), options)
  return stored !== undefined && password.length <= passwordLength.most && timingSafeEqual(found, wanted)
}

const nobody = `scrypt$${cost.N}$8$3$${'A'.repeat(22)}$${'A'.repeat(43)}`

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const run = (): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      scrypt(password.normalize('NFC'), salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)))
    })
  const result = tail.then(run)
  tail = result.catch(() => {})
  return result
}
