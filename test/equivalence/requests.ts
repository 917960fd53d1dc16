import { readArgv, type Values } from '../../packages/privexec/src/command/argv.ts'
import { contentField } from '../../packages/privexec/src/command/slots.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'
import type { Grant } from '../../packages/privexec/src/policy/grant.ts'
import { edited } from './edit.ts'
import { drawArgv, meanings } from './meaning.ts'
import { pick, type Random } from './random.ts'

/** A request as a caller could make it: plain values, without the bytes of content. */
export interface Asked {
  readonly command: string
  readonly input: unknown
}

/** How far a generated request is from a legal one. */
export type Kind = 'valid' | 'near' | 'hostile'

/** Requests for the commands of a policy from now on: of ten, four are valid, four one edit away, two hostile. */
export function* requests(policy: Policy, random: Random): Generator<Asked & { readonly kind: Kind }> {
  const granted = policy.grants.map(grant => ({ grant, places: meanings[grant.id] ?? [] }))
  for (;;) {
    const { grant, places } = pick(random, granted)
    const { command, slots } = grant
    const values = readArgv(slots, drawArgv(places, random))
    if (!values) throw new Error(`the library reads nothing in a legal argv of ${grant.id}`)
    const legal = withoutContent(grant, values)
    const kind = pick(random, kinds)
    if (kind === 'valid') yield { kind, command: command.id, input: legal }
    else if (kind === 'near') yield { kind, command: command.id, input: nearby(legal, random) }
    else yield { kind, ...hostile(command.id, legal, random) }
  }
}

const kinds: readonly Kind[] = [
  ...['valid', 'valid', 'valid', 'valid', 'near', 'near', 'near', 'near', 'hostile', 'hostile'],
] as Kind[]

function withoutContent(grant: Grant, values: Values): Values {
  const content = contentField(grant.slots)
  return Object.fromEntries(Object.entries(values).filter(([field]) => field !== content))
}

/**
 * One field changed within its JavaScript type, but not the content: what another type would do is not a question of
 * spelling. `more` are numbers to try beside the usual.
 */
export function nearby(values: Values, random: Random, more: readonly number[] = []): Values {
  const fields = Object.keys(values).filter(field => !(values[field] instanceof Uint8Array))
  const field = pick(random, fields)
  const value = values[field]
  if (typeof value === 'number') {
    const near = [value - 1, value + 1, 19_999, 20_000, 20_999, 21_000]
    const far = [-value, value + 0.5, value * 10, 104, 0, 1e21]
    return { ...values, [field]: pick(random, [...near, ...far, ...more]) }
  }
  if (Array.isArray(value)) return { ...values, [field]: edited(value as string[], random) }
  return { ...values, [field]: edited([String(value)], random).join(' ') }
}

/** What a field may hold that is no value of any type; each is plain JSON. */
const oddValues: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 20_001, 20_001.5, 2 ** 53, 1e308, '', ' ', '0', '20001', '104', '020001', '2e4'],
  ...['root', '-', '--', '-a', '/', '..', '/etc/shadow', 'tank', 'tank/other', 'tank/pgd/databases', 'a'.repeat(5000)],
  ...[
    [],
    [''],
    ['sh', '-c', 'id'],
    [20_001],
    [null],
    [['sh']],
    {},
    { length: 1, 0: 'sh' },
    { toString: 'x' },
    '\ud800',
  ],
]

const oddFields = [
  ...[
    'vmid',
    'command',
    'content',
    'destination',
    'perms',
    'user',
    'group',
    'dataset',
    'base',
    'force',
    'argv',
    'path',
  ],
  ...['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'x', 'Vmid', 'stagedFile', 'marker', 'a b', ''],
]

const oddCommands = [
  'pct.exec',
  'pct.push',
  'zfs.mount',
  'zfs.unmount',
  'pct.destroy',
  'zfs.destroy',
  'a.b',
  'PCT.EXEC',
  '',
]

/** Wrong types, fields too many or too few, other commands. */
function hostile(command: string, values: Values, random: Random): Asked {
  const fields = Object.keys(values)
  const field = pick(random, fields)
  switch (random(8)) {
    case 0:
      return { command, input: pick(random, oddValues) }
    case 1:
      return { command: pick(random, oddCommands), input: values }
    case 2:
      return { command, input: Object.fromEntries(Object.entries(values).filter(([name]) => name !== field)) }
    case 3:
      return { command, input: { ...values, [pick(random, oddFields)]: pick(random, oddValues) } }
    case 4:
      return { command, input: { ...values, [field]: [values[field]] } }
    case 5:
      return { command, input: { ...values, [field]: { value: values[field] } } }
    case 6:
      return { command, input: { ...values, [field]: retyped(values[field]) } }
    default:
      return { command, input: { ...values, [field]: pick(random, oddValues) } }
  }
}

const retyped = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.join(' ')
  return /^\d+$/.test(String(value)) ? Number(value) : [...String(value)]
}
