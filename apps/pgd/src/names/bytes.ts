import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** A size in bytes. */
export type Bytes = number & { readonly [brand]: 'bytes' }

const units = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 } as const
const most = 1024 * units.t

/** Whether it is a size of 1 KiB to 1 PiB, in whole bytes. */
export const isBytes = (bytes: number): bytes is Bytes =>
  Number.isSafeInteger(bytes) && bytes >= units.k && bytes <= most

/** Reads a size: `512m`, `2g`, in powers of 1024; a number is in bytes. Rejects with `PGD_INPUT_INVALID`. */
export function parseBytes(text: string | number, field: string): Bytes {
  const bytes = typeof text === 'number' ? text : sizeOf(text)
  if (isBytes(bytes)) return bytes
  throw invalid(field, text, 'is no size: a whole number and k, m, g or t, 1k to 1024t', 'For example 512m, or 2g')
}

function sizeOf(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,12})([kmgt])(?:i?b)?$/i.exec(text) ?? []
  return count === undefined || unit === undefined
    ? Number.NaN
    : Number(count) * units[unit.toLowerCase() as keyof typeof units]
}
