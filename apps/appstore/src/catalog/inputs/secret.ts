import { inspect } from 'node:util'

const shown = '***'

/**
 * The value of a secret input. It prints as `***`: in templates, JSON, logs and `util.inspect`. Only {@link Secret.reveal}
 * gives the value.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [Symbol.toPrimitive](): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }
}
