import { parseArgs } from 'node:util'
import { PrivexecError } from '../../errors/error.ts'

/** What the command line of `privexecd` says. */
export interface Options {
  readonly policy: string
  /** One request, on standard input and output. */
  readonly isOnce: boolean
  /** Seconds without a connection after which the process ends; absent: never. */
  readonly idle?: number
}

/** Usage of `privexecd`. */
export const usage = 'usage: privexecd --policy NAME [--idle SECONDS] | privexecd --once NAME'

/** Reads the command line. Throws `PRIVEXEC_USAGE`. */
export function parseOptions(args: readonly string[]): Options {
  const wrong = (cause?: unknown) => new PrivexecError('PRIVEXEC_USAGE', usage, { cause })
  let values: { policy?: string; once?: string; idle?: string }
  try {
    const options = { policy: { type: 'string' }, once: { type: 'string' }, idle: { type: 'string' } } as const
    values = parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (cause) {
    throw wrong(cause)
  }
  const { policy, once, idle } = values
  const name = policy ?? once
  if (name === undefined || (policy !== undefined && once !== undefined)) throw wrong()
  if (idle !== undefined && (once !== undefined || !/^[1-9][0-9]{0,5}$/.test(idle))) throw wrong()
  return { policy: name, isOnce: once !== undefined, ...(idle === undefined ? {} : { idle: Number(idle) }) }
}
