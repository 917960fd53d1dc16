import { accessSync, constants } from 'node:fs'
import type { Argv } from 'yargs'
import { fullSegments } from '../../audit/segments.ts'
import { policyDirectory } from '../../policy/installed.ts'
import { unreadable, usage } from '../failure.ts'
import { findPolicy } from '../find-policy.ts'
import type { Common } from '../verb.ts'

/** An audit file, by path or as the one of a policy. */
export const withAuditFile = <T extends Common>(yargs: Argv<T>) =>
  yargs.positional('audit', { type: 'string', describe: 'Audit file' }).option('policy', {
    type: 'string',
    requiresArg: true,
    describe: `Take the audit file of this policy (a file, or a name in ${policyDirectory})`,
  })

/** Path of the audit file that is meant; throws when it is not there, or not readable, which is no empty log. */
export async function auditFile(path: string | undefined, policy: string | undefined): Promise<string> {
  if ((path === undefined) === (policy === undefined)) throw usage('an audit file is needed, or --policy, not both')
  const file = path ?? (await findPolicy(policy as string)).audit.file
  requireReadable(file)
  return file
}

/** Throws `PRIVEXEC_FILE_UNREADABLE` unless there is an audit file, or full segments of one. */
export function requireReadable(file: string): void {
  const first = fullSegments(file)[0] ?? file
  try {
    accessSync(first, constants.R_OK)
  } catch (error) {
    throw unreadable(first, error, (error as NodeJS.ErrnoException).code)
  }
}
