import { escapeValue } from '../errors/escape.ts'
import type { GuardSubject } from './guard.ts'
import { type Property, parseProperties } from './zfs-properties.ts'

/** What guards ask of a dataset: properties that OpenZFS and zfs-fuse both have. */
const names = ['type', 'mountpoint', 'canmount', 'setuid', 'devices'] as const

/** Properties of one dataset. */
export type DatasetProperties = Readonly<Record<(typeof names)[number], Property>>

/** The dataset of a request and the base of its grant, as zfs sees them. */
export interface Asked {
  readonly dataset: string
  readonly base: string
  readonly properties: DatasetProperties
  readonly ofBase: DatasetProperties
}

/** By the values, which the decision makes anew for each operation. */
const asked = new WeakMap<object, Promise<Asked | string>>()

/** Asks zfs once for all guards of an operation; a text says why there is no answer. */
export function ask(subject: GuardSubject): Promise<Asked | string> {
  const answer = asked.get(subject.values) ?? askNow(subject)
  asked.set(subject.values, answer)
  return answer
}

/**
 * The properties are asked for by name: among all there are those of users, whose values zfs prints with line feeds and
 * tabs as they are, so that they could pass for others.
 */
async function askNow({ values, where, program, host }: GuardSubject): Promise<Asked | string> {
  const dataset = String(values.dataset)
  const base = baseOf(where.base)
  if (!dataset.startsWith(`${base}/`)) return `${escapeValue(dataset)} is not below ${base}`
  const { exitCode, stdout, stderr } = await host.run([
    ...[program.executable, ...program.prefix],
    ...['get', '-Hp', '-o', 'name,property,value,source', names.join(','), base, dataset],
  ])
  if (exitCode !== 0) return `zfs get failed (${exitCode}): ${escapeValue(stderr.trim())}`
  const all = parseProperties(stdout)
  const [properties, ofBase] = [complete(all?.get(dataset)), complete(all?.get(base))]
  if (!properties || !ofBase) return `zfs get answered ${escapeValue(stdout)}`
  return { dataset, base, properties, ofBase }
}

const baseOf = (bound: unknown): string =>
  typeof bound === 'string' ? bound : String((bound as { dataset: string }).dataset)

function complete(known: ReadonlyMap<string, Property> | undefined): DatasetProperties | undefined {
  const all = names.map(name => [name, known?.get(name)] as const)
  return all.every(([, property]) => property !== undefined)
    ? (Object.fromEntries(all) as DatasetProperties)
    : undefined
}
