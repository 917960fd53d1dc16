import { readId } from '../names/id.ts'
import { showInstant } from '../names/instant.ts'
import { readLabel } from '../names/label.ts'
import { parseFacts, renderFacts } from './codec.ts'
import { FactReader, known, moment, oneOf, type Reader, whole } from './fields.ts'
import type { SnapshotFacts } from './model.ts'

/** Facts of a snapshot as text. */
export function renderSnapshot({ id, kind, created, label, timeline, segment }: SnapshotFacts): string {
  const line = timeline === undefined ? undefined : String(timeline)
  return renderFacts({ id, kind, created: showInstant(created), label, timeline: line, segment })
}

/** Reads what {@link renderSnapshot} wrote; undefined when the text is anything else. */
export function parseSnapshot(text: string): SnapshotFacts | undefined {
  const facts = parseFacts(text)
  if (facts === undefined) return undefined
  const reader = new FactReader(facts)
  return reader.end(
    known<SnapshotFacts>({
      id: reader.required('id', readId),
      kind: reader.required('kind', oneOf('user', 'branch')),
      created: reader.required('created', moment),
      label: reader.optional('label', readLabel),
      timeline: reader.optional('timeline', whole(1, 0xffff_ffff)),
      segment: reader.optional('segment', segment),
    }),
  )
}

/** Name of a WAL segment. */
const segment: Reader<string> = text => (/^[0-9A-F]{24}$/.test(text) ? text : undefined)
