import { signCheckpoint } from '../../audit/checkpoint.ts'
import { encodeVerifier } from '../../audit/note.ts'
import { signingKey } from '../../audit/signing-key.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { PrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'
import { note, verb } from '../verb.ts'
import { auditFile, withAuditFile } from './file.ts'

/** `privexec audit checkpoint FILE`: prints a signed checkpoint, to be kept where the account cannot write. */
export const checkpoint = verb({
  command: 'checkpoint [audit]',
  describe: 'Print a signed checkpoint of an audit file, to be kept elsewhere',
  builder: yargs =>
    withAuditFile(yargs)
      .option('origin', { type: 'string', requiresArg: true, describe: 'Name of the log when its key is made first' })
      .example('$0 audit checkpoint --policy appstore | ssh logs tee appstore.note', 'Keep it on another machine'),
  run: async ({ audit, policy, origin }) => {
    const file = await auditFile(audit, policy)
    const { ok, head } = await verifyAudit(file)
    // A signature under a broken chain would make it look whole.
    if (!ok) throw new PrivexecError('PRIVEXEC_AUDIT_BROKEN', `Audit file ${escapeValue(file, 256)} does not verify`)
    const signer = signingKey(file, origin)
    const text = signCheckpoint(head, signer)
    const publicKey = encodeVerifier(signer)
    note(`privexec: the public key is in ${file}.pub; keep it elsewhere too`)
    return { data: { checkpoint: text, publicKey, ...head }, text }
  },
})
