import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppstoreError } from '../errors/error.ts'
import type { SecretTable } from '../store/secrets.ts'

const bytesOfKey = 32
const bytesOfTag = 16

/**
 * Secrets at rest: AES-256-GCM under the key of this store, each bound to its owner and name, so that a box moved to
 * another row does not open.
 */
export class Vault {
  readonly #key: Buffer
  readonly #table: SecretTable

  /** @param key 32 bytes, from {@link loadKey}. */
  constructor(key: Buffer, table: SecretTable) {
    if (key.length !== bytesOfKey) throw new RangeError('the key must have 32 bytes')
    this.#key = key
    this.#table = table
  }

  set(owner: string, name: string, value: string): void {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(context(owner, name))
    const box = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
    this.#table.set(owner, name, { nonce, box })
  }

  /** @throws {AppstoreError} `APPSTORE_SECRET_UNREADABLE` when the key is another one, or the row was changed. */
  get(owner: string, name: string): string | undefined {
    const sealed = this.#table.get(owner, name)
    if (sealed === undefined) return undefined
    const box = Buffer.from(sealed.box)
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.nonce).setAAD(context(owner, name))
      decipher.setAuthTag(box.subarray(-bytesOfTag))
      return Buffer.concat([decipher.update(box.subarray(0, -bytesOfTag)), decipher.final()]).toString('utf8')
    } catch (cause) {
      throw new AppstoreError('APPSTORE_SECRET_UNREADABLE', 'A secret cannot be opened with the key of this store', {
        cause,
      })
    }
  }

  /** All of an owner, by name. */
  all(owner: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#table.keys(owner).map(name => [name, this.get(owner, name) ?? '']))
  }

  names(owner: string): readonly string[] {
    return this.#table.keys(owner)
  }

  /** Gives all secrets of one owner to another, in place of those of the same name there. */
  move(from: string, to: string): void {
    for (const [name, value] of Object.entries(this.all(from))) this.set(to, name, value)
    this.#table.removeAll(from)
  }

  removeAll(owner: string): void {
    this.#table.removeAll(owner)
  }
}

const context = (owner: string, name: string): Buffer => Buffer.from(JSON.stringify([owner, name]))
