import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import { numberBetween } from '../pattern/number.ts'
import { notWithin } from './narrow.ts'
import type { ArgumentType } from './type.ts'

/** Smallest and largest container id of Proxmox VE (its API schema, `pve-vmid`). */
const [smallest, largest] = [100, 999_999_999]

/** A container id (vmid). A policy narrows it to a range, `vmid: 20000-20999`, both ends included. */
export function containerId(from = smallest, to = largest): ArgumentType<number> {
  return {
    name: 'container id',
    allowed: `a whole number from ${from} to ${to}`,
    shape: 'word',
    pattern: numberBetween(from, to),
    label: 'vmid',
    bound: {
      key: 'vmid',
      required: true,
      summary: 'Range of container ids, `from-to`, both included',
      schema: z => z.string().regex(/^[1-9][0-9]{2,8}-[1-9][0-9]{2,8}$/, 'a range such as 20000-20999 is needed'),
      narrow: (range: string) => {
        const [low = 0, high = 0] = range.split('-').map(Number)
        if (low > high) throw new PrivexecError('PRIVEXEC_POLICY_INVALID', `The range ${escapeValue(range)} is empty`)
        if (low < from || high > to) throw notWithin(range, `${from}-${to}`)
        return containerId(low, high)
      },
    },
    schema: z => z.number().int().min(from).max(to),
    spell: value => [String(value)],
    read: elements => Number(elements[0]),
  }
}
