import { readFileSync } from 'node:fs'
import { AppstoreError } from '../errors/error.ts'

/** Most bytes of a file that holds one value. */
const largest = 65_536

/**
 * Reads `KEY=VALUE` and `KEY=FILE` options. Values of secrets come from files: what is on a command line, everybody on the
 * machine can read.
 * @throws {AppstoreError} `APPSTORE_USAGE`
 */
export function inputsOf(given: readonly string[] = [], files: readonly string[] = []): Record<string, string> {
  const inputs: Record<string, string> = {}
  for (const text of given) {
    const [key, value] = split(text, 'set')
    inputs[key] = value
  }
  for (const text of files) {
    const [key, path] = split(text, 'set-file')
    inputs[key] = readValue(path)
  }
  return inputs
}

function split(text: string, option: string): readonly [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new AppstoreError('APPSTORE_USAGE', `--${option} wants KEY=VALUE`, { field: option })
  return [text.slice(0, at), text.slice(at + 1)]
}

/** A file's content without the line feed at its end; `-` is standard input. */
function readValue(path: string): string {
  try {
    const bytes = readFileSync(path === '-' ? 0 : path)
    if (bytes.length > largest) throw new Error(`more than ${largest} bytes`)
    return bytes.toString('utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AppstoreError('APPSTORE_USAGE', `--set-file: ${(cause as Error).message}`, {
      field: 'set-file',
      cause,
    })
  }
}

/** A whole number of an option. */
export function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new AppstoreError('APPSTORE_USAGE', `--${option} is a whole number`, { field: option })
}

/** Path of an install below the API. */
export const pathOf = (install: string, rest = ''): string => `/installs/${encodeURIComponent(install)}${rest}`
