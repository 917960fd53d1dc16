import { readFile } from 'node:fs/promises'
import { parseVerifier } from '../../audit/note.ts'
import { type CheckpointVerdict, type Verification, verifyAudit } from '../../audit/verify.ts'
import { unreadable, usage } from '../failure.ts'
import { colour, shown } from '../style.ts'
import { verb } from '../verb.ts'
import { auditFile, withAuditFile } from './file.ts'

/** `privexec audit verify FILE`: exit status 1 when a record is missing, edited or moved. */
export const verify = verb({
  command: 'verify [audit]',
  describe: 'Verify the chain of an audit file, and that it agrees with a checkpoint',
  builder: yargs =>
    withAuditFile(yargs)
      .option('checkpoint', {
        type: 'string',
        requiresArg: true,
        describe: 'Signed checkpoint that was kept elsewhere',
      })
      .option('public-key', {
        type: 'string',
        requiresArg: true,
        describe: 'File of the public key, kept elsewhere too',
      })
      .option('pruned', { type: 'boolean', default: false, describe: 'Old segments were removed on purpose' })
      .example('$0 audit verify --policy appstore', 'Is it a whole chain?')
      .example('$0 audit verify audit.jsonl --checkpoint kept.note --public-key kept.pub', 'Is it still all there?'),
  run: async ({ audit, policy, checkpoint, 'public-key': key, pruned }) => {
    if ((checkpoint === undefined) !== (key === undefined)) throw usage('--checkpoint and --public-key go together')
    const file = await auditFile(audit, policy)
    const kept =
      checkpoint === undefined || key === undefined
        ? undefined
        : { note: await textOf(checkpoint), key: parseVerifier(await textOf(key)) }
    const result = await verifyAudit(file, { checkpoint: kept, pruned })
    return { data: result, text: report(file, result), exit: result.ok ? 0 : 1 }
  },
})

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch(error => {
    throw unreadable(path, error, error.code)
  })

const verdicts: Record<CheckpointVerdict, string> = {
  agrees: 'the checkpoint agrees',
  unsigned: 'the checkpoint is not signed by this key, or is about another log',
  lost: 'records that the checkpoint knows are gone',
  rewritten: 'the record that the checkpoint knows is another one: the file was rewritten',
  older: 'the checkpoint is older than all that is left',
}

function report(file: string, result: Verification): string {
  const { ok, records, segments, head, bad, torn, unfinished, unfinishedCount, repairs, checkpoint } = result
  const files = segments.length === 1 ? '1 file' : `${segments.length} files`
  const lines = [`${ok ? colour('green', 'ok') : colour('red', 'NOT OK')} ${file}: ${records} records in ${files}`]
  if (records > 0) lines.push(`  the last is ${head.sequence}, ${head.hash}`)
  if (bad)
    lines.push(
      colour('red', `  record ${bad.sequence} is ${bad.fault}: ${shown(bad.detail, 200)} (${bad.file}:${bad.line})`),
    )
  if (torn)
    lines.push(
      `  ${torn.bytes} bytes behind the last record, of a write that was cut off; the next append sets them aside`,
    )
  if (repairs > 0) lines.push(`  ${repairs} torn ends were set aside before`)
  if (checkpoint !== undefined) lines.push(`  ${verdicts[checkpoint]}`)
  else lines.push('  without a checkpoint nobody can see that the newest records were removed')
  if (unfinishedCount > 0) {
    const list = unfinished.slice(0, 5).map(each => `${shown(each.operation, 32)} ${shown(each.command)}`)
    lines.push(`  ${unfinishedCount} operations without an outcome, running or cut off: ${list.join('; ')}`)
  }
  return lines.join('\n')
}
