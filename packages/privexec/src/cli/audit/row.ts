import type { StoredRecord } from '../../audit/read.ts'
import { cell, colour, shown } from '../style.ts'

const widths = [24, 8, 12, 12, 26] as const

/** Head of the table that `rowOf` fills. */
export const rowHead = (): string => `${padded(['time', 'id', 'who', 'command', 'object'])}what`

/** A record as one line for people. Records may be forged: nothing of them reaches the terminal as it is. */
export function rowOf(record: StoredRecord): string {
  const { event, user, client } = record
  const name = client?.user.name ?? user?.name
  const cells = [record['@timestamp'], event.id.slice(0, 8), name, event.action, objectOf(record)]
  return padded(cells.map((text, at) => cell(text ?? '-', widths[at] ?? 0))) + whatOf(record)
}

function objectOf({ labels = {}, process: ran }: StoredRecord): string {
  const { vmid, dataset } = labels
  return String(vmid ?? dataset ?? ran?.args?.at(-1) ?? '-')
}

function whatOf({ event, process: ran }: StoredRecord): string {
  if (event.type.includes('start')) return `begins: ${shown(ran?.args?.join(' '), 200)}`
  if (event.type.includes('denied')) return colour('yellow', `refused: ${shown(event.reason ?? event.code, 200)}`)
  if (!event.type.includes('end')) return shown(event.reason ?? event.code, 200)
  const took = event.duration === undefined ? '' : ` in ${(event.duration / 1e6).toFixed(0)} ms`
  const exit = ran?.exit_code === undefined ? '' : `, exit ${ran.exit_code}`
  const format = event.outcome === 'success' ? 'green' : 'red'
  const code = event.outcome === 'success' ? '' : ` ${shown(event.code)}`
  return colour(format, `${shown(event.outcome, 20)}${code}${exit}${took}`)
}

const padded = (cells: readonly string[]): string =>
  cells.map((text, at) => `${text.padEnd(widths[at] ?? 0)} `).join('')
