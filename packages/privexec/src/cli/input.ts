import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import { usage } from './failure.ts'

/** The command of the catalogue with this id. Throws `PRIVEXEC_USAGE`, and says which there are. */
export function findCommand(id: string): Command {
  const commands = catalogue as unknown as readonly Command[]
  const found = commands.find(command => command.id === id)
  if (found === undefined) {
    throw usage(`There is no command ${escapeValue(id)}; there are ${commands.map(each => each.id).join(', ')}`)
  }
  return found
}

/**
 * Reads the input of a command from JSON. A key that stands twice is refused: which of them counts differs between
 * readers. Throws `PRIVEXEC_ARGUMENT_INVALID`.
 */
export async function parseInput(text: string): Promise<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(`The input is not JSON: ${escapeValue(text)}`, cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`The input must be a JSON object, not ${escapeValue(value)}`)
  }
  const { parseDocument } = await import('yaml')
  // JSON.parse takes the last of equal keys without a word; the YAML reader, to which JSON is YAML, tells.
  const { errors } = parseDocument(text, { schema: 'json', uniqueKeys: true, prettyErrors: false })
  const twice = errors.find(error => error.code === 'DUPLICATE_KEY')
  if (twice) throw invalid(`The input has the same key twice, near character ${twice.pos[0] + 1}`)
  return value as Record<string, unknown>
}

/** Bytes as JSON holds them, in base64. Throws `PRIVEXEC_ARGUMENT_INVALID`. */
export function bytesOf(field: string, value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
  if (bytes === undefined || bytes.toString('base64') !== value) {
    throw invalid(`${field}: ${escapeValue(value)} is not allowed here; allowed is content in base64`, undefined, field)
  }
  return bytes
}

const invalid = (message: string, cause?: unknown, field = 'input'): PrivexecError =>
  new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', message, { field, cause })
