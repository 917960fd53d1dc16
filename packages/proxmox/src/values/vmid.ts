import { escapeValue } from '@broker/privexec/escape'
import { invalid } from '../errors/error.ts'
import type { Branded } from './branded.ts'

/** Id of a guest, 100 to 999999999. */
export type Vmid = Branded<number, 'vmid'>

export const lowestVmid = 100
export const highestVmid = 999_999_999

/** Reads an id: a number, or its decimal digits without leading zeros. Throws `PROXMOX_INPUT_INVALID`. */
export function vmid(value: number | string, field = 'vmid'): Vmid {
  const number = typeof value === 'string' && /^[1-9][0-9]{2,8}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < lowestVmid || number > highestVmid) {
    throw invalid(field, `${escapeValue(value)} is not an id of a guest, ${lowestVmid} to ${highestVmid}`)
  }
  return number as Vmid
}
