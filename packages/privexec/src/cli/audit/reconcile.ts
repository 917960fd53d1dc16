import { accessSync, constants } from 'node:fs'
import { type Reconciliation, reconcile, type UnrecordedReason } from '../../audit/reconcile.ts'
import { policyDirectory } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { sudoLog } from '../../render/sudoers.ts'
import { parseMoment } from '../duration.ts'
import { unreadable, usage } from '../failure.ts'
import { findPolicy } from '../find-policy.ts'
import { colour, shown } from '../style.ts'
import { verb } from '../verb.ts'
import { requireReadable } from './file.ts'

/** `privexec audit reconcile FILE...`: exit status 1 when root did something that no record knows. */
export const reconcileVerb = verb({
  command: 'reconcile [audits..]',
  describe: "Compare audit files with sudo's own log, and report what root did without a record",
  builder: yargs =>
    yargs
      .positional('audits', {
        type: 'string',
        array: true,
        describe: 'Audit files, of every account that uses the policy',
      })
      .option('policy', {
        type: 'string',
        requiresArg: true,
        describe: `Take audit file and sudo log of this policy (a file, or a name in ${policyDirectory})`,
      })
      .option('sudo-log', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: "sudo's JSON logs, oldest first",
      })
      .option('user', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Only what these accounts asked for',
      })
      .option('since', { type: 'string', requiresArg: true, describe: 'Report nothing older: 2h, or a date and time' })
      .example('$0 audit reconcile --policy appstore', "As root: the policy's own files"),
  run: async ({ audits = [], policy: name, 'sudo-log': logs, user: users, since }) => {
    const policy = name === undefined ? undefined : await findPolicy(name)
    const { audit: files, sudoLogs } = filesOf(policy, audits as string[], logs)
    for (const file of files) requireReadable(file)
    for (const log of sudoLogs) requireLog(log)
    const moment = since === undefined ? undefined : parseMoment('since', since)
    const result = await reconcile({ audit: files, sudoLogs, users, since: moment })
    return { data: result, text: report(result), exit: result.ok ? 0 : 1 }
  },
})

function filesOf(policy: Policy | undefined, audit: string[], logs: string[] | undefined) {
  const files = audit.length > 0 ? audit : policy ? [policy.audit.file] : []
  const sudoLogs = logs ?? (policy ? [sudoLog(policy.name)] : [])
  if (files.length === 0 || sudoLogs.length === 0) throw usage('audit files and --sudo-log are needed, or --policy')
  return { audit: files, sudoLogs }
}

function requireLog(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    throw unreadable(path, error, (error as NodeJS.ErrnoException).code)
  }
}

const reasons: Record<UnrecordedReason, string> = {
  unmarked: 'no operation is named',
  unknown: 'no record has this operation',
  'other-arguments': 'the record of this operation has other arguments',
  repeated: 'the operation was run more than once',
}

function report(result: Reconciliation): string {
  const { ok, actions, matched, rejected, unrecorded, unrecordedCount, unperformedCount, malformed } = result
  const lines = [
    `${ok ? colour('green', 'ok') : colour('red', 'NOT OK')}: ${actions} actions of root, ${matched} on record, ${rejected} refused by sudo`,
    ...unrecorded.map(({ time, user, argv, reason }) => {
      const what = `${time.toISOString()} ${shown(user)}: ${shown(argv.join(' '), 240)}`
      return `  ${colour('red', 'not on record')}: ${what} (${reasons[reason]})`
    }),
  ]
  if (unrecordedCount > unrecorded.length) lines.push(`  and ${unrecordedCount - unrecorded.length} more`)
  if (unperformedCount > 0) lines.push(`  ${unperformedCount} records of operations that root never began`)
  if (malformed > 0) lines.push(`  ${malformed} events of the log could not be read`)
  return lines.join('\n')
}
