import { styleText } from 'node:util'
import { escapeValue } from '@broker/privexec/escape'

type Format = 'red' | 'green' | 'yellow' | 'bold' | 'dim'

/** Colours a text of standard output: on a terminal, and not when NO_COLOR is set (no-color.org). */
export const colour = (format: Format, text: string): string =>
  styleText(format, text, { stream: process.stdout, validateStream: true })

/** A value of a stranger as a word of a table: escaped like in messages, without quotes. */
export const shown = (value: unknown, limit = 80): string =>
  escapeValue(typeof value === 'string' ? value : String(value ?? ''), limit).replace(/^"(.*)"/s, '$1')

/** Rows below each other, the columns aligned; the last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(...all.map(row => row[at]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [colour('bold', line(head)), ...rows.map(line)].join('\n')
}

/** Pairs below each other; those without a value are left out. */
export function list(pairs: readonly (readonly [string, string | undefined])[]): string {
  const there = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const width = Math.max(...there.map(([name]) => name.length))
  return there.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

/** Bytes for people: `1.5 GB`, in units of 1,024. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let [rest, at] = [count, 0]
  while (rest >= 1024 && at < units.length - 1) [rest, at] = [rest / 1024, at + 1]
  return `${at === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)} ${units[at]}`
}

/** How long ago or ahead an instant is, for people: `3 h`. */
export function age(instant: string, now = Date.now()): string {
  const seconds = Math.abs(now - Date.parse(instant)) / 1000
  const [size, unit] =
    seconds < 60 ? [1, 's'] : seconds < 3600 ? [60, 'min'] : seconds < 86_400 ? [3600, 'h'] : [86_400, 'd']
  return `${Math.floor(seconds / size)} ${unit}`
}
