import type { StoredRecord } from '../../audit/read.ts'
import { cell, colour, shown } from '../style.ts'

const widths = [24, 8, 12, 12, 26] as const

/** Head of the table that `rowOf` fills. */
export const rowHead = (): string => `${padded(['time', 'id', 'who', 'command', 'object'])}what`

/**
 * A record as one line for people. Records may be forged: nothing of them reaches the terminal as it is, and a field of
 * another type than ours is shown as what it is.
 */
export function rowOf(record: StoredRecord): string {
  const { event, user, client } = record
  const name = client?.user?.name ?? user?.name
  const cells = [record['@timestamp'], event.id, name, event.action, objectOf(record)]
  return padded(cells.map((value, at) => cell(value ?? '-', widths[at] ?? 0))) + whatOf(record)
}

function objectOf({ labels, process: ran }: StoredRecord): unknown {
  return labels?.vmid ?? labels?.dataset ?? argsOf(ran).at(-1)
}

function whatOf({ event, process: ran }: StoredRecord): string {
  const types: readonly unknown[] = Array.isArray(event.type) ? event.type : []
  if (types.includes('start')) return `begins: ${shown(argsOf(ran).join(' '), 200)}`
  if (types.includes('denied')) return colour('yellow', `refused: ${shown(event.reason ?? event.code, 200)}`)
  if (!types.includes('end')) return shown(event.reason ?? event.code, 200)
  const took = event.duration === undefined ? '' : ` in ${Math.round(Number(event.duration) / 1e6)} ms`
  const exit = ran?.exit_code === undefined ? '' : `, exit ${shown(ran.exit_code)}`
  const isGood = event.outcome === 'success'
  return colour(
    isGood ? 'green' : 'red',
    `${shown(event.outcome)}${isGood ? '' : ` ${shown(event.code)}`}${exit}${took}`,
  )
}

const argsOf = (ran: StoredRecord['process']): readonly string[] =>
  Array.isArray(ran?.args) ? ran.args.map(String) : []

const padded = (cells: readonly string[]): string =>
  cells.map((text, at) => `${text.padEnd(widths[at] ?? 0)} `).join('')
