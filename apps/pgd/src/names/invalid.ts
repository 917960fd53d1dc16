import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'

/** The error of a value that is not of its kind: `port "80" is no port: 1024 to 65535`. */
export function invalid(field: string, value: string | number, what: string, hint?: string): PgdError {
  const shown = typeof value === 'number' ? String(value) : escapeValue(value)
  return new PgdError('PGD_INPUT_INVALID', `${field} ${shown} ${what}`, {
    field,
    ...(hint === undefined ? {} : { hint }),
  })
}
