import { isAppstoreError } from '../errors/error.ts'
import { schema } from './output.ts'

/** Writes an error to standard error, as text or as one line of JSON, and returns the exit status. */
export function report(thrown: unknown, json: boolean): number {
  if (!isAppstoreError(thrown)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const stack = thrown instanceof Error ? (thrown.stack ?? message) : message
    const hint = 'This is a fault of the app store: report it with the command line'
    const error = { code: 'APPSTORE_INTERNAL', message, hint, exit: 70 }
    process.stderr.write(json ? `${JSON.stringify({ schema, error })}\n` : `appstore: ${stack}\n  ${hint}\n`)
    return 70
  }
  const { code, message, advice: hint, exit, field, problems } = thrown
  const error = { code, message, hint, exit, ...(field && { field }), ...(problems && { problems }) }
  process.stderr.write(json ? `${JSON.stringify({ schema, error })}\n` : `appstore: ${message}\n  ${hint}. (${code})\n`)
  return exit
}
