import type { Argv } from 'yargs'
import type { RecordFilter } from '../../audit/read.ts'
import { parseMoment } from '../duration.ts'

/** Options that choose records. */
export const withFilters = <T>(yargs: Argv<T>) =>
  yargs
    .option('since', { type: 'string', requiresArg: true, describe: 'Not older: 2h, or a date and time' })
    .option('command', { type: 'string', requiresArg: true, describe: 'Only this command, such as pct.exec' })
    .option('outcome', {
      choices: ['success', 'failure', 'unknown'] as const,
      describe: 'Only records of this outcome',
    })
    .option('operation', { type: 'string', requiresArg: true, describe: 'Only the operation of this id' })

/** The filter that such options mean. Throws `PRIVEXEC_USAGE`. */
export function filterOf(options: {
  since?: string | undefined
  command?: string | undefined
  outcome?: 'success' | 'failure' | 'unknown' | undefined
  operation?: string | undefined
}): RecordFilter {
  const { since, command, outcome, operation } = options
  return { command, outcome, operation, since: since === undefined ? undefined : parseMoment('since', since) }
}
