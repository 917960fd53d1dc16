import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'

const units = ['', 'K', 'M', 'G', 'T'] as const

/** Bytes of a size as Proxmox writes it: `8G`, `512M`, `1.5T`, `4096` (bytes). Throws `PROXMOX_INPUT_INVALID`. */
export function parseSize(text: string, field = 'size'): number {
  const [, digits, unit = ''] = /^(\d{1,16}(?:\.\d{1,9})?)([KMGT]?)$/.exec(text) ?? []
  if (digits === undefined) throw invalid(field, `${escapeValue(text)} is not a size such as 8G`)
  const bytes = Math.round(Number(digits) * 1024 ** units.indexOf(unit as (typeof units)[number]))
  if (!Number.isSafeInteger(bytes)) throw invalid(field, `${escapeValue(text)} is more than there is`)
  return bytes
}

/** Writes bytes, an integer, in the largest unit that needs no fraction. */
export function printSize(bytes: number, field = 'size'): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw invalid(field, `${escapeValue(bytes)} is not a number of bytes`)
  let value = bytes
  let unit = 0
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value}${units[unit]}`
}
