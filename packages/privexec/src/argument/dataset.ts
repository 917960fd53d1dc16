import { literal, oneOf, type Pattern, repeat, sequence, toRegExp } from '../pattern/dialect.ts'
import { notWithin } from './narrow.ts'
import { type ArgumentType, textType } from './type.ts'

/**
 * One component of a dataset name. Narrower than ZFS, which allows blanks, colons and dots: it begins with a letter or
 * digit, so that it can be no option, and holds no dot, so that it can be no path.
 */
const component = sequence(oneOf('A-Z', 'a-z', '0-9'), repeat(oneOf('A-Z', 'a-z', '0-9', '_', '-'), 0, 62))
const below = repeat(sequence(literal('/'), component), 1, 3)
const anywhere: Pattern = sequence(component, repeat(sequence(literal('/'), component), 0, 7))

/**
 * A dataset below a root, which the policy names: one to three components below `tank/pgd/databases`, never the root
 * itself. The whole name stays below the 255 bytes of ZFS (ZFS_MAX_DATASET_NAME_LEN is 256 with the terminator).
 */
export function datasetBelow(key: string, base?: string): ArgumentType<string> {
  const pattern = base === undefined ? anywhere : sequence(literal(base), below)
  const place = base === undefined ? '' : ` below ${base}, one to three components deep`
  return textType(
    {
      name: 'dataset',
      allowed: `a dataset name${place}; components of letters, digits, _ and -, at most 63 characters each`,
      pattern,
      label: 'dataset',
      bound: {
        key,
        required: true,
        summary: 'Dataset below which the named dataset must be',
        schema: z =>
          z
            .string()
            .regex(
              root,
              'a dataset name such as tank/pgd/databases is needed, of at most 60 characters and 5 components',
            ),
        narrow: (limit: string) => {
          // A deeper base would allow datasets deeper than the definition does.
          if (base !== undefined && limit !== base) throw notWithin(limit, base)
          return datasetBelow(key, limit)
        },
      },
    },
    toRegExp(pattern),
  )
}

/** A base leaves room for three components of 64 characters, of the eight that a name may have. */
const root = /^(?=.{1,60}$)[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*){0,4}$/
