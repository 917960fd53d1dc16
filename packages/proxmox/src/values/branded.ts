import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'

declare const brand: unique symbol

/** A value that was checked; a plain string or number is not taken for it. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** Checks a text and returns it branded; throws `PROXMOX_INPUT_INVALID` that names `field`. */
export type TextKind<T extends string> = (value: string, field?: string) => T

/**
 * A kind of text: `pattern` must match it whole. `allowed` ends the sentence "… is not". Lengths are of UTF-16 units.
 */
export function textKind<Name extends string>(
  name: Name,
  pattern: RegExp,
  allowed: string,
  longest = 255,
): TextKind<Branded<string, Name>> {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags)
  return (value, field = name) => {
    // What calls this may be JavaScript.
    if (typeof value !== 'string' || value.length > longest || !whole.test(value) || /[\n\0]/.test(value)) {
      throw invalid(field, `${escapeValue(value)} is not ${allowed}`)
    }
    return value as Branded<string, Name>
  }
}
