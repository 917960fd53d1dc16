import { literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { notWithin } from './narrow.ts'
import { type ArgumentType, textType } from './type.ts'

/**
 * One component of a dataset name. Narrower than ZFS, which allows blanks, colons and dots: it begins with a letter or
 * digit, so that it can be no option, and holds no dot, so that it can be no path.
 */
const component = sequence(oneOf('A-Z', 'a-z', '0-9'), repeat(oneOf('A-Z', 'a-z', '0-9', '_', '-'), 0, 62))
const step = sequence(literal('/'), component)
const anywhere: Pattern = sequence(component, repeat(step, 0, 7))

/** A dataset, and how many components below it a name has. */
interface Base {
  readonly dataset: string
  readonly depth: number
}

/**
 * A dataset below one that the policy names, and at exactly one depth: one component below it, or as many as the policy
 * says, up to three. Were two depths allowed, the owner of a mounted dataset could plant a link in it where the next one
 * would be mounted, and root would follow it. The name stays below the 255 bytes of ZFS (ZFS_MAX_DATASET_NAME_LEN).
 */
export function datasetBelow(key: string, base?: Base): ArgumentType<string> {
  const pattern = base === undefined ? anywhere : sequence(literal(base.dataset), repeat(step, base.depth))
  return textType(
    {
      name: 'dataset',
      allowed: `a dataset name${placeOf(base)}; components of letters, digits, _ and -, at most 63 characters each`,
      pattern,
      label: 'dataset',
      bound: {
        key,
        required: true,
        summary: 'Dataset below which the named one must be: by one component, or as `{ dataset, depth }` by 1 to 3',
        schema: z => {
          const dataset = z
            .string()
            .regex(root, 'a dataset name such as tank/pgd/databases, up to 60 characters, is needed')
          return z.union([dataset, z.strictObject({ dataset, depth: z.number().int().min(1).max(3) })])
        },
        narrow: (limit: string | Base) => {
          const to = typeof limit === 'string' ? { dataset: limit, depth: 1 } : limit
          const same = base === undefined || (base.dataset === to.dataset && base.depth === to.depth)
          if (!same) throw notWithin(to.dataset, base.dataset)
          return datasetBelow(key, to)
        },
      },
    },
    toRegExp(pattern),
  )
}

const words = ['no', 'one component', 'two components', 'three components']

const placeOf = (base: Base | undefined): string =>
  base === undefined ? '' : ` exactly ${words[base.depth]} below ${base.dataset}`

/** A base leaves room for three components of 64 characters, of the eight that a name may have. */
const root = /^(?=.{1,60}$)[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*){0,4}$/
