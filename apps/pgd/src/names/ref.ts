import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { type Name, parseName } from './name.ts'

/** A branch by its project's name and its own. */
export interface Ref {
  readonly project: Name
  readonly branch: Name
}

/** Reads `project/branch`. Rejects with `PGD_INPUT_INVALID`. */
export function parseRef(text: string, field = 'branch'): Ref {
  const [project, branch, ...more] = text.split('/')
  if (project === undefined || branch === undefined || more.length > 0) {
    throw new PgdError('PGD_INPUT_INVALID', `${field} ${escapeValue(text)} is not of the form project/branch`, {
      field,
    })
  }
  return { project: parseName(project, field), branch: parseName(branch, field) }
}

/** `project/branch`. */
export const showRef = ({ project, branch }: Ref): string => `${project}/${branch}`
