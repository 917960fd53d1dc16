import { readHolder } from '../locks/holder.ts'
import { readId } from '../names/id.ts'
import { showInstant } from '../names/instant.ts'
import { readLabel } from '../names/label.ts'
import { parseFacts, renderFacts } from './codec.ts'
import { FactReader, known, moment, oneOf, processors, type Reader, whole } from './fields.ts'
import type { VolumeFacts } from './model.ts'

/** Facts of a volume as text. A protection that is off is not written. */
export function renderVolume(facts: VolumeFacts): string {
  const { id, state, created, port, wanted, parent, dataTime, isProtected, expires, keptUntil, holder, label } = facts
  const { memory, cpus } = facts
  return renderFacts({
    id,
    state,
    created: showInstant(created),
    port: String(port),
    wanted,
    parent,
    data: optional(dataTime, showInstant),
    protected: isProtected === true ? 'yes' : undefined,
    expires: optional(expires, showInstant),
    kept: optional(keptUntil, showInstant),
    holder,
    label,
    memory: optional(memory, String),
    cpus: optional(cpus, String),
  })
}

/** Reads what {@link renderVolume} wrote; undefined when the text is anything else. */
export function parseVolume(text: string): VolumeFacts | undefined {
  const facts = parseFacts(text)
  if (facts === undefined) return undefined
  const reader = new FactReader(facts)
  return reader.end(
    known<VolumeFacts>({
      id: reader.required('id', readId),
      state: reader.required('state', oneOf('creating', 'ready', 'retired', 'deleting')),
      created: reader.required('created', moment),
      port: reader.required('port', whole(1, 65_535)),
      wanted: reader.required('wanted', oneOf('running', 'stopped')),
      parent: reader.optional('parent', readId),
      dataTime: reader.optional('data', moment),
      isProtected: reader.optional('protected', yes),
      expires: reader.optional('expires', moment),
      keptUntil: reader.optional('kept', moment),
      holder: reader.optional('holder', holder),
      label: reader.optional('label', readLabel),
      memory: reader.optional('memory', whole(1, Number.MAX_SAFE_INTEGER)),
      cpus: reader.optional('cpus', processors),
    }),
  )
}

const optional = <T>(value: T | undefined, show: (value: T) => string): string | undefined =>
  value === undefined ? undefined : show(value)

const yes: Reader<boolean> = text => (text === 'yes' ? true : undefined)

const holder: Reader<string> = text => (readHolder(text) === undefined ? undefined : text)
