import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRecords, type StoredRecord } from '../../packages/privexec/src/audit/read.ts'
import { reconcile } from '../../packages/privexec/src/audit/reconcile.ts'
import { verifyAudit } from '../../packages/privexec/src/audit/verify.ts'
import type { Report, Step } from './step.ts'

const part = 'Audit'

/** Shows the records of audit files, verifies their chains, and shows that a changed copy is found out. */
export async function auditSteps(files: readonly string[], report: Report, standIn: boolean): Promise<void> {
  const mark = standIn ? ({ standIn: true } as const) : {}
  for (const file of files) {
    const records: StoredRecord[] = []
    for await (const record of readRecords(file)) records.push(record)
    const rows = records.map(row)
    report({ part, title: file, ok: rows.length > 0, lines: table([heading, ...rows]), ...mark })
    const { ok, records: count, head, unfinishedCount } = await verifyAudit(file)
    const lines = [`${count} records, ${unfinishedCount} without an outcome, head ${head.hash.slice(0, 16)}...`]
    const isWhole = ok && unfinishedCount === 0
    report({ part, title: 'verification of the chain', ok: isWhole, lines, ...mark })
  }
  const [first] = files
  if (first !== undefined) report({ ...(await tamperedCopy(first)), ...mark })
}

/** Compares the records with what sudo itself logged of root's actions. */
export async function reconcileStep(audit: readonly string[], sudoLogs: readonly string[]): Promise<Step> {
  const { ok, actions, matched, rejected, unrecordedCount } = await reconcile({ audit, sudoLogs })
  return {
    part,
    title: "reconciliation with sudo's own log",
    ok: ok && actions > 0 && matched === actions,
    lines: [
      `root did ${actions} things, ${matched} of them have a record of their own, ${unrecordedCount} have none`,
      `sudo logged ${rejected} attempts that it refused (for a person, unlike for a service, it logs none)`,
    ],
  }
}

async function tamperedCopy(file: string): Promise<Step> {
  const directory = mkdtempSync(join(tmpdir(), 'privexec-demo-'))
  try {
    const copy = join(directory, 'audit.jsonl')
    cpSync(file, copy)
    writeFileSync(copy, readFileSync(copy, 'utf8').replace('"exit_code":0', '"exit_code":1'))
    const { ok, bad } = await verifyAudit(copy)
    return {
      part,
      title: 'a copy with one exit status changed is found out',
      ok: !ok && bad !== undefined,
      lines: [bad === undefined ? 'nothing was noticed' : `line ${bad.line}: ${bad.fault}, ${bad.detail}`],
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const heading = ['seq', 'time', 'user', 'command', 'object', 'what', 'outcome', 'code']

function row(record: StoredRecord): string[] {
  const { event, user, labels, process } = record
  const what = event.type.includes('start') ? 'intent' : event.type.includes('end') ? 'outcome' : 'denial'
  const object = labels?.dataset ?? labels?.vmid ?? ''
  const exit = process?.exit_code === undefined ? '' : ` (${process.exit_code})`
  const time = record['@timestamp'].slice(11, 23)
  const { sequence, action, outcome, code } = event
  return [String(sequence), time, user?.name ?? '', action, String(object), what, `${outcome}${exit}`, code]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)))
  return rows.map(cells =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
