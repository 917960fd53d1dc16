import { styleText } from 'node:util'
import { escapeValue } from '../errors/escape.ts'

type Format = 'red' | 'green' | 'yellow' | 'bold' | 'dim'

/** Colours a text of standard output: on a terminal, and not when NO_COLOR is set (no-color.org). */
export const colour = (format: Format, text: string): string =>
  styleText(format, text, { stream: process.stdout, validateStream: true })

/** A value of a stranger as a word of a table: escaped like in messages, without quotes. */
export function shown(value: unknown, limit = 80): string {
  const text = escapeValue(typeof value === 'string' ? value : String(value ?? ''), limit)
  return text.replace(/^"(.*)"/s, '$1')
}

/** Such a value cut to the width of a column. */
export const cell = (value: unknown, width: number): string => shown(value, width).slice(0, width)

/** A message of this program, in which strangers' values are escaped already. */
export const plain = (text: string): string => text.replace(/[^\n -~]/g, '?')

/** Rows below each other, the columns aligned. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')
  return rows.map(row => line(row).trimEnd()).join('\n')
}
