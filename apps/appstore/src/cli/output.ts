import { once } from 'node:events'
import { styleText } from 'node:util'
import { escapeValue } from '@broker/privexec/escape'

/** Version of all that `--json` prints. */
export const schema = 'appstore/1'

/** Writes data to standard output, with a newline at its end, and waits while the reader is slow. */
export async function print(text: string): Promise<void> {
  if (text === '') return
  if (!process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)) await once(process.stdout, 'drain')
}

/** Writes a message to standard error. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`)

/** A reader that has seen enough, such as head(1), is no error; anything else is. */
export function endOnClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    note(`appstore: standard output: ${error.message}`)
    process.exit(74)
  })
}

/** Colours a text of standard output: on a terminal, and not when NO_COLOR is set (no-color.org). */
export const colour = (format: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string): string =>
  styleText(format, text, { stream: process.stdout, validateStream: true })

/** A value of a stranger as a word of a table: escaped as in messages, without quotes. */
export const shown = (value: unknown, limit = 200): string =>
  escapeValue(typeof value === 'string' ? value : String(value ?? ''), limit).replace(/^"(.*)"/s, '$1')

/** A text of a stranger as a word of a table, cut where it is too long. */
export const cut = (value: string, limit: number): string =>
  value.length > limit ? `${shown(value.slice(0, limit - 3).trimEnd(), 4 * limit)}...` : shown(value, 4 * limit)

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
  const width = Math.max(0, ...there.map(([name]) => name.length))
  return there.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
