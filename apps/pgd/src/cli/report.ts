import { isPgdError } from '../errors/error.ts'
import { schema } from './verb.ts'

/** Fields of an error that `--json` shows beside code, message and hint. */
const details = ['field', 'program', 'exitCode', 'stderr'] as const

/** Writes an error to standard error, as text or as one line of JSON, and returns the exit status. */
export function report(thrown: unknown, json: boolean): number {
  if (!isPgdError(thrown)) {
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const hint = 'This is a fault of pgd: report it with the command line'
    const error = { code: 'INTERNAL', message, hint, exit: 70 }
    process.stderr.write(json ? `${JSON.stringify({ schema, error })}\n` : `pgd: ${stack}\n  ${hint}\n`)
    return 70
  }
  const { code, message, advice: hint, exit } = thrown
  if (json) {
    const more = Object.fromEntries(details.flatMap(name => (thrown[name] === undefined ? [] : [[name, thrown[name]]])))
    process.stderr.write(`${JSON.stringify({ schema, error: { code, message, hint, exit, ...more } })}\n`)
  } else process.stderr.write(`pgd: ${message}\n  ${hint}. (${code})\n`)
  return exit
}
