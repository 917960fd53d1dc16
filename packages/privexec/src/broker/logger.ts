/** Where operational messages go: a pino logger fits. Audit records do not go here; they have a file of their own. */
export interface Logger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Logs nothing. */
export const silentLogger: Logger = { debug: () => {}, warn: () => {} }
