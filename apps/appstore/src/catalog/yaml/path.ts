import { escapeValue } from '@broker/privexec/escape'

/** Way from the top of a document to a value in it. */
export type Path = readonly (string | number)[]

/** A path as `inputs[2].validation.regex`; a key that is no plain word is shown escaped. */
export const pathText = (path: Path): string =>
  path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      return `${index > 0 ? '.' : ''}${/^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(part) ? part : escapeValue(part)}`
    })
    .join('')
