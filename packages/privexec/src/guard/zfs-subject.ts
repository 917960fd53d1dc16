import { escapeValue } from '../errors/escape.ts'
import type { GuardSubject } from './guard.ts'
import { type Property, parseProperties } from './zfs-properties.ts'

/** What guards of mounts ask of a dataset: properties that OpenZFS and zfs-fuse both have. */
const names = ['type', 'mountpoint', 'canmount', 'setuid', 'devices'] as const

/** Properties of one dataset, by their names. */
export type PropertiesOf<Name extends string> = Readonly<Record<Name, Property>>
export type DatasetProperties = PropertiesOf<(typeof names)[number]>

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

async function askNow(subject: GuardSubject): Promise<Asked | string> {
  const dataset = String(subject.values.dataset)
  const { dataset: base } = baseOf(subject.where.base)
  if (!dataset.startsWith(`${base}/`)) return `${escapeValue(dataset)} is not below ${base}`
  const answer = await properties(subject, [base, dataset], names)
  if (typeof answer === 'string') return answer
  const [ofBase, of] = answer
  return { dataset, base, properties: of as DatasetProperties, ofBase: ofBase as DatasetProperties }
}

/**
 * Asks zfs for properties of datasets, in their order; a text says why there is no answer. The properties are asked for
 * by name: among all there are those of users, whose values zfs prints with line feeds and tabs as they are, so that they
 * could pass for others.
 */
export async function properties<Name extends string>(
  { program, host }: Pick<GuardSubject, 'program' | 'host'>,
  datasets: readonly string[],
  names: readonly Name[],
): Promise<readonly PropertiesOf<Name>[] | string> {
  const { exitCode, stdout, stderr } = await host.run([
    ...[program.executable, ...program.prefix.slice(0, -1), zfs],
    ...['get', '-Hp', '-o', 'name,property,value,source', names.join(','), ...datasets],
  ])
  if (exitCode !== 0) return `zfs get failed (${exitCode}): ${escapeValue(stderr.trim())}`
  const all = parseProperties(stdout)
  const found = datasets.map(dataset => complete(names, all?.get(dataset)))
  return found.every(each => each !== undefined) ? found : `zfs get answered ${escapeValue(stdout)}`
}

/** What does the asking, whatever the program of the command is. */
const zfs = '/usr/sbin/zfs'

/** The base of a grant, however its policy writes it. */
export const baseOf = (bound: unknown): { readonly dataset: string; readonly depth: number } =>
  typeof bound === 'string' ? { dataset: bound, depth: 1 } : (bound as { dataset: string; depth: number })

function complete<Name extends string>(
  names: readonly Name[],
  known: ReadonlyMap<string, Property> | undefined,
): PropertiesOf<Name> | undefined {
  const all = names.map(name => [name, known?.get(name)] as const)
  return all.every(([, property]) => property !== undefined)
    ? (Object.fromEntries(all) as PropertiesOf<Name>)
    : undefined
}
