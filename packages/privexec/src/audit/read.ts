import { lineBlocks } from './lines.ts'
import type { AuditRecord } from './record.ts'
import { openSegments } from './segments.ts'

/** Which records are wanted; every condition that is given must hold. */
export interface RecordFilter {
  /** Not before this time. */
  readonly since?: Date | undefined
  /** Command of the catalogue: `pct.exec`. */
  readonly command?: string | undefined
  readonly outcome?: 'success' | 'failure' | 'unknown' | undefined
  /** Operation id. */
  readonly operation?: string | undefined
}

/** A record as it stands in the file, with its place in the chain. */
export type StoredRecord = AuditRecord & {
  readonly event: AuditRecord['event'] & { readonly sequence: number }
  readonly chain: { readonly seq: number; readonly prev: string; readonly hash: string }
}

/** The records of all segments, oldest first. Lines that are no records are skipped; {@link verifyAudit} names them. */
export async function* readRecords(file: string, filter: RecordFilter = {}): AsyncGenerator<StoredRecord> {
  for await (const { handle } of openSegments(file)) {
    for await (const { lines } of lineBlocks(handle)) {
      for (const line of lines) {
        const record = parseRecord(line)
        if (record !== undefined && matches(record, filter)) yield record
      }
    }
  }
}

/** The record of a line, or undefined. */
export function parseRecord(line: Buffer): StoredRecord | undefined {
  try {
    const record = JSON.parse(line.toString('latin1')) as StoredRecord
    return typeof record.event.id === 'string' && typeof record.chain.seq === 'number' ? record : undefined
  } catch {
    return undefined
  }
}

/** True when a record is wanted. */
export function matches({ event, ...record }: StoredRecord, filter: RecordFilter): boolean {
  const { since, command, outcome, operation } = filter
  return (
    (since === undefined || Date.parse(record['@timestamp']) >= since.getTime()) &&
    (command === undefined || event.action === command) &&
    (outcome === undefined || event.outcome === outcome) &&
    (operation === undefined || event.id === operation)
  )
}
