import { PgdError } from '../errors/error.ts'

/** Error about the command line. */
export const usage = (message: string, field?: string): PgdError =>
  new PgdError('PGD_USAGE', message, field === undefined ? {} : { field })
