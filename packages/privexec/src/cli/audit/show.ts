import { readRecords, type StoredRecord } from '../../audit/read.ts'
import { asciiJson } from '../../audit/text.ts'
import { usage } from '../failure.ts'
import { print, verb } from '../verb.ts'
import { auditFile, withAuditFile } from './file.ts'
import { filterOf, withFilters } from './filter.ts'
import { rowHead, rowOf } from './row.ts'

/** `privexec audit show FILE`: the records, oldest first, in flat memory. */
export const show = verb({
  command: 'show [audit]',
  describe: 'Print the records of an audit file; one object a line with --json',
  builder: yargs =>
    withFilters(withAuditFile(yargs))
      .option('last', { type: 'number', requiresArg: true, describe: 'Only this many records, the newest' })
      .example('$0 audit show --policy appstore --since 2h --outcome failure', 'What failed lately'),
  run: async ({ audit, policy, last = Number.POSITIVE_INFINITY, json, ...filter }) => {
    if (!(last > 0)) throw usage('--last needs a number above 0')
    const file = await auditFile(audit, policy)
    const kept: StoredRecord[] = []
    if (!json) await print(rowHead())
    for await (const record of readRecords(file, filterOf(filter))) {
      if (last === Number.POSITIVE_INFINITY) await print(lineOf(record, json))
      else if (kept.push(record) > last) kept.shift()
    }
    for (const record of kept) await print(lineOf(record, json))
    return 0
  },
})

/** One record, as a line of JSON or of the table. */
export const lineOf = (record: StoredRecord, json: boolean): string => (json ? asciiJson(record) : rowOf(record))
