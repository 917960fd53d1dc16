import { asciiJson } from '../audit/text.ts'
import { isPrivexecError, PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import { shown } from './style.ts'

/** Fields of an error that `--json` shows beside code, message and advice. */
const details = ['field', 'failure', 'command', 'operation', 'argv', 'exitCode', 'signal', 'stdout', 'stderr'] as const

/** Makes of anything that was thrown the error that the command reports. */
export function asFailure(thrown: unknown): PrivexecError | undefined {
  if (isPrivexecError(thrown)) return thrown
  const { syscall, path, code } = thrown as NodeJS.ErrnoException
  if (syscall !== undefined && path !== undefined) return unreadable(path, thrown, code)
  return undefined
}

/** The error of a file that the command line names. */
export const unreadable = (path: string, cause: unknown, code = ''): PrivexecError =>
  new PrivexecError('PRIVEXEC_FILE_UNREADABLE', `${escapeValue(path, 256)} cannot be read (${shown(code)})`, { cause })

/** Error about the command line. */
export const usage = (message: string): PrivexecError => new PrivexecError('PRIVEXEC_USAGE', message)

/** Writes an error to standard error, as text or as one line of JSON, and returns the exit status. */
export function report(thrown: unknown, json: boolean): number {
  const error = asFailure(thrown)
  if (error === undefined) {
    process.stderr.write(json ? `${asciiJson({ error: internal(thrown) })}\n` : `privexec: ${stackOf(thrown)}\n`)
    return 70
  }
  const { code, message, advice, exit } = error
  if (json) {
    const more = Object.fromEntries(details.map(name => [name, error[name]]).filter(([, value]) => value !== undefined))
    process.stderr.write(`${asciiJson({ error: { code, message, advice, exit, ...more } })}\n`)
  } else {
    process.stderr.write(`privexec: ${message}\n  ${advice}. (${code})\n`)
  }
  return exit
}

const internal = (thrown: unknown) => ({
  code: 'INTERNAL',
  message: thrown instanceof Error ? thrown.message : String(thrown),
  advice: 'This is a fault of privexec: report it with the command line',
  exit: 70,
})

const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
