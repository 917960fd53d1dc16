import { stat } from 'node:fs/promises'
import { loadPolicy } from '@broker/privexec'
import { newestRecords, type StoredRecord, verifyAudit } from '@broker/privexec/audit'
import { escapeValue } from '@broker/privexec/escape'
import type { Config } from '../config/config.ts'
import type { Appstore, AuditPage } from '../contract.ts'
import { AppstoreError } from '../errors/error.ts'

type Verdict = AuditPage['verification']

/** A verdict on an audit file holds at least this long, in milliseconds: the whole file is read for one. */
const verdictHolds = 30_000

/** Records of the privileged commands of this host, from the audit file of the policy. */
export function hostAudit(config: Pick<Config, 'policy'>): Appstore['audit'] {
  const verify = cachedVerdict()
  return async ({ before, limit = 50 }) => {
    const sequence = before === undefined ? undefined : sequenceOf(before)
    try {
      const { file } = (await loadPolicy(config.policy)).audit
      // Whoever may not read the file would otherwise be told that it has no records.
      await stat(file)
      const [page, verification] = await Promise.all([newestRecords(file, { before: sequence, limit }), verify(file)])
      return {
        records: page.records.map(viewOf),
        verification,
        ...(page.next === undefined ? {} : { next: String(page.next) }),
      }
    } catch (error) {
      return { records: [], verification: { state: 'unavailable', text: (error as Error).message } }
    }
  }
}

function sequenceOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new AppstoreError('APPSTORE_INPUT_INVALID', 'before: is not what an earlier page had as next', {
    field: 'before',
  })
}

/** A record for people. What strangers may have put into it is escaped. */
function viewOf(record: StoredRecord): AuditPage['records'][number] {
  const { event } = record
  const isIntent = Array.isArray(event.type) && event.type.includes('start')
  return {
    id: `${record.chain.seq}`,
    at: plain(record['@timestamp']),
    command: plain(event.action),
    phase: isIntent ? 'intent' : 'outcome',
    ...(isIntent ? {} : { outcome: plain(event.outcome) }),
    text: isIntent ? argvOf(record) : endOf(record),
  }
}

/** The argv without what is the same in all of them: how root reaches the program, and the marker. */
function argvOf({ process: ran, labels }: StoredRecord): string {
  const argv = Array.isArray(ran?.args) ? ran.args.map(String) : []
  const marker = argv.findIndex(word => word.startsWith('PRIVEXEC_OPERATION='))
  const own = marker < 0 ? argv : argv.slice(marker + 1)
  const guest = labels?.vmid === undefined ? '' : `guest ${plain(labels.vmid)}: `
  return `${guest}${plain(own.join(' '), 500)}`
}

function endOf({ event, process: ran }: StoredRecord): string {
  const took = event.duration === undefined ? [] : [`${Math.round(Number(event.duration) / 1e6)} ms`]
  const exit = ran?.exit_code === undefined ? [] : [`exit status ${plain(ran.exit_code)}`]
  const why = event.outcome === 'success' ? [] : [plain(event.reason ?? event.code, 300)]
  return [...why, ...exit, ...took].join(', ')
}

function plain(value: unknown, longest = 100): string {
  const text = String(value)
  return `${escapeValue(text.slice(0, longest), longest).slice(1, -1)}${text.length > longest ? ' …' : ''}`
}

/** Verifies a file when it has changed since the last time; questions at the same time share one answer. */
function cachedVerdict(): (file: string) => Promise<Verdict> {
  let known: { readonly state: string; readonly at: number; readonly verdict: Promise<Verdict> } | undefined
  return async file => {
    const { ino, size, mtimeMs } = await stat(file)
    const state = JSON.stringify([file, ino, size, mtimeMs])
    const isRecent = known !== undefined && performance.now() - known.at < verdictHolds
    if (known === undefined || (known.state !== state && !isRecent)) {
      const verdict = verdictOf(file)
      known = { state, at: performance.now(), verdict }
      const asked = known
      verdict.catch(() => {
        if (known === asked) known = undefined
      })
    }
    return known.verdict
  }
}

/** Whether the chain of an audit file is whole. */
export async function verdictOf(file: string): Promise<Verdict> {
  // Old segments may have been removed on purpose; which record is the first one left stands in the text.
  const { ok, bad, torn, records, segments, unfinishedCount } = await verifyAudit(file, { pruned: true })
  if (ok) {
    const open = unfinishedCount === 0 ? '' : `; of ${unfinishedCount} operations it is not known how they ended`
    return {
      state: 'whole',
      text: `${records} records from number ${segments[0]?.first ?? 0} on are all in their place${open}`,
    }
  }
  const what =
    bad === undefined
      ? `${torn?.bytes} bytes at the end are no whole record`
      : `record ${bad.sequence} of line ${bad.line} is ${bad.fault}: ${bad.detail}`
  return { state: 'broken', text: `${file}: ${what}` }
}
