import { literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { type Base, baseName, baseNameHelp, datasetBelow } from './dataset.ts'
import { notWithin } from './narrow.ts'
import type { ArgumentType } from './type.ts'

/** A base whose mount point is not the one that ZFS gives by default. */
interface MountedBase extends Base {
  /** Absolute path; `/` and the name of the dataset by default, as ZFS has it. */
  readonly mountpoint?: string
}

const component = sequence(oneOf('A-Z', 'a-z', '0-9'), repeat(oneOf('A-Z', 'a-z', '0-9', '_', '-'), 0, 62))
const step = sequence(literal('/'), component)

/** Mount point of a base, as a policy says it. */
export const mountPointOfBase = ({ dataset, mountpoint }: MountedBase): string => mountpoint ?? `/${dataset}`

/**
 * A dataset, which stands in the argv as the path that it is mounted at by inheritance. So no caller names a path; that
 * the dataset is mounted there is for a guard to tell.
 */
export function mountPointBelow(key: string, base?: MountedBase): ArgumentType<string> {
  const dataset = datasetBelow(key, base)
  const [from, to] = base ? [base.dataset, mountPointOfBase(base)] : ['', '/']
  const pattern: Pattern = base
    ? sequence(literal(to), repeat(step, base.depth))
    : sequence(literal('/'), dataset.pattern)
  const matcher = toRegExp(dataset.pattern)
  return {
    name: 'mounted dataset',
    allowed: dataset.allowed,
    shape: 'word',
    pattern,
    label: 'dataset',
    schema: z => z.string().regex(matcher),
    spell: value => [to + value.slice(from.length)],
    read: ([path = '']) => from + path.slice(to.length),
    bound: {
      key,
      required: true,
      summary:
        'Dataset below which the named one must be: `{ dataset, depth, mountpoint }`, by 1 to 3; its mount point is `/` and its name unless said',
      schema: z => {
        const dataset = z.string().regex(baseName, baseNameHelp)
        const mountpoint = z.string().regex(path, 'an absolute path such as /srv/databases is needed').optional()
        return z.union([dataset, z.strictObject({ dataset, depth: z.number().int().min(1).max(3), mountpoint })])
      },
      narrow: (limit: string | MountedBase) => {
        const into = typeof limit === 'string' ? { dataset: limit, depth: 1 } : limit
        const same = base === undefined || (base.dataset === into.dataset && base.depth === into.depth)
        if (!same) throw notWithin(into.dataset, base.dataset)
        return mountPointBelow(key, into)
      },
    },
  }
}

/** Of names that are neither hidden nor lead upwards. */
const path = /^(?=.{1,100}$)(?:\/[A-Za-z0-9][A-Za-z0-9_.-]*){1,8}$/
