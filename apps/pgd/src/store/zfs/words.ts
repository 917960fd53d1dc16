import { PgdError } from '../../errors/error.ts'
import type { VolumeName } from '../store.ts'

/** A volume, for people. */
export const title = ({ project, branch, generation }: VolumeName): string =>
  generation === 1 ? `${project}/${branch}` : `${project}/${branch} (generation ${generation})`

/** What an action was about to use is not there, or not what it was. */
export const gone = (action: string): PgdError =>
  new PgdError('PGD_NOT_FOUND', `${action} failed: somebody else has changed it meanwhile`)
