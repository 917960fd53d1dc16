import { literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { notWithin } from './narrow.ts'
import { type ArgumentType, textType } from './type.ts'

/**
 * One component of a dataset name. Narrower than ZFS, which allows blanks, colons and dots: it begins with a letter or
 * digit, so that it can be no option, and holds no dot, so that it can be no path.
 */
const component = sequence(oneOf('A-Z', 'a-z', '0-9'), repeat(oneOf('A-Z', 'a-z', '0-9', '_', '-'), 0, 62))
const step = sequence(literal('/'), component)
const tag = sequence(literal('@'), component)
const anywhere: Pattern = sequence(component, repeat(step, 0, 7))

/** A dataset, and how many components below it a name has. */
export interface Base {
  readonly dataset: string
  readonly depth: number
}

/** One kind of name that a base allows. */
interface Kind {
  readonly name: string
  /** Completes "a dataset name …" for a base. */
  readonly place: (base: Base) => string
  /** All names of the kind, or those that a base allows. */
  readonly pattern: (base: Base | undefined) => Pattern
  readonly label?: string
  /** Smallest depth that leaves a name: 2 where the name lies one component above those of the base's depth. */
  readonly least: 1 | 2
}

const words = ['no', 'one component', 'two components', 'three components']
const below = (base: Base, depth: number): Pattern => sequence(literal(base.dataset), repeat(step, depth))

const otherKind: Kind = {
  name: 'dataset',
  place: ({ dataset, depth }) => `exactly ${words[depth]} below ${dataset}`,
  pattern: base => (base ? below(base, base.depth) : anywhere),
  least: 1,
}
const datasetKind: Kind = { ...otherKind, label: 'dataset' }
const parentKind: Kind = {
  name: 'parent dataset',
  place: ({ dataset, depth }) => `exactly ${words[depth - 1]} below ${dataset}`,
  pattern: base => (base ? below(base, base.depth - 1) : anywhere),
  label: 'dataset',
  least: 2,
}
const snapshotKind: Kind = {
  name: 'snapshot',
  place: ({ dataset, depth }) => `exactly ${words[depth]} below ${dataset}, then @ and one component`,
  pattern: base => sequence(base ? below(base, base.depth) : anywhere, tag),
  label: 'snapshot',
  least: 1,
}
const memberKind: Kind = {
  name: 'dataset or snapshot',
  place: ({ dataset, depth }) =>
    `exactly ${words[depth - 1]} or ${words[depth]} below ${dataset}, the latter perhaps with @ and one component`,
  pattern: base => {
    const snapshot = repeat(tag, 0, 1)
    return base
      ? sequence(below(base, base.depth - 1), repeat(sequence(step, snapshot), 0, 1))
      : sequence(anywhere, snapshot)
  },
  label: 'dataset',
  least: 2,
}
const baseKind: Kind = {
  name: 'base dataset',
  place: ({ dataset }) => `${dataset} itself`,
  pattern: base => (base ? literal(base.dataset) : anywhere),
  label: 'dataset',
  least: 1,
}

/**
 * A dataset below one that the policy names, and at exactly one depth: one component below it, or as many as the policy
 * says, up to three. Were two depths allowed, the owner of a mounted dataset could plant a link in it where the next one
 * would be mounted, and root would follow it. The name stays below the 255 bytes of ZFS (ZFS_MAX_DATASET_NAME_LEN).
 */
export const datasetBelow = (key: string, base?: Base): ArgumentType<string> => named(key, datasetKind, base)

/** The same as `datasetBelow`, for a second dataset of a command: it is no label of the record, and takes no lock. */
export const otherDatasetBelow = (key: string, base?: Base): ArgumentType<string> => named(key, otherKind, base)

/** A dataset one component above those of the base's depth: their parent, which is never to be mounted. */
export const parentBelow = (key: string, base?: Base): ArgumentType<string> => named(key, parentKind, base)

/** A snapshot of a dataset at the depth of the base. */
export const snapshotBelow = (key: string, base?: Base): ArgumentType<string> => named(key, snapshotKind, base)

/** A dataset at the depth of the base, a snapshot of one, or the parent of one. */
export const memberBelow = (key: string, base?: Base): ArgumentType<string> => named(key, memberKind, base)

/** The base itself. */
export const baseItself = (key: string, base?: Base): ArgumentType<string> => named(key, baseKind, base)

/** A base leaves room for three components of 64 characters, of the eight that a name may have. */
export const baseName = /^(?=.{1,60}$)[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*){0,4}$/

/** What a policy writes for a base that is no dataset name. */
export const baseNameHelp = 'a dataset name such as tank/pgd/databases, up to 60 characters, is needed'

function named(key: string, kind: Kind, base?: Base): ArgumentType<string> {
  const pattern = kind.pattern(base)
  const place = base === undefined ? '' : ` ${kind.place(base)}`
  const { name, label, least } = kind
  return textType(
    {
      name,
      allowed: `a dataset name${place}; components of letters, digits, _ and -, at most 63 characters each`,
      pattern,
      ...(label === undefined ? {} : { label }),
      bound: {
        key,
        required: true,
        summary: summaryOf(least),
        schema: z => {
          const dataset = z.string().regex(baseName, baseNameHelp)
          const deep = z.strictObject({ dataset, depth: z.number().int().min(least).max(3) })
          return least === 1 ? z.union([dataset, deep]) : deep
        },
        narrow: (limit: string | Base) => {
          const to = typeof limit === 'string' ? { dataset: limit, depth: 1 } : limit
          const same = base === undefined || (base.dataset === to.dataset && base.depth === to.depth)
          if (!same) throw notWithin(to.dataset, base.dataset)
          return named(key, kind, to)
        },
      },
    },
    toRegExp(pattern),
  )
}

const summaryOf = (least: 1 | 2): string =>
  least === 1
    ? 'Dataset below which the named one must be: by one component, or as `{ dataset, depth }` by 1 to 3'
    : 'Dataset below which the named one must be: `{ dataset, depth }`, by 2 or 3, or by one less for a parent'
