import { followRecords } from '../../audit/follow.ts'
import { print, verb } from '../verb.ts'
import { auditFile, withAuditFile } from './file.ts'
import { filterOf, withFilters } from './filter.ts'
import { lineOf } from './show.ts'

/** `privexec audit follow FILE`: records as they are written, until SIGINT or SIGTERM. */
export const follow = verb({
  command: 'follow [audit]',
  describe: 'Print records as they are written, through every rotation',
  builder: yargs =>
    withFilters(withAuditFile(yargs))
      .option('all', { type: 'boolean', default: false, describe: 'Begin with the records that are there already' })
      .example('$0 audit follow --policy appstore', 'Watch what the app store does'),
  run: async ({ audit, policy, all, json, ...filter }) => {
    const file = await auditFile(audit, policy)
    const ended = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
    const from = all ? 'start' : 'end'
    for await (const record of followRecords(file, { ...filterOf(filter), from, signal: ended.signal })) {
      await print(lineOf(record, json))
    }
    return 0
  },
})
