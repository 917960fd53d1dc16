import { markerVariable } from '../command/template.ts'
import type { Allowed } from '../decide/decision.ts'

/** PATH of a program of root's, whatever starts it; what `secure_path` is on Debian. */
export const securePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The whole environment of an operation's program where no sudo makes one. */
export const programEnvironment = ({ marker }: Pick<Allowed, 'marker'>): Record<string, string> => ({
  [markerVariable]: marker,
  LC_ALL: 'C',
  PATH: securePath,
})
