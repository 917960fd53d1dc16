import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { escapeValue } from '../errors/escape.ts'

type Path = readonly (string | number)[]

/** The state directory of the calling user (XDG Base Directory Specification 0.8). */
export function stateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: named } = environment
  return named && isAbsolute(named) ? named : join(homedir(), '.local', 'state')
}

/**
 * Puts the file's own variables into the `{name}` of its bounds. A name that is not defined is reported with its path
 * and left as it is.
 */
export function substitute(data: unknown, report: (path: Path, message: string) => void): unknown {
  if (typeof data !== 'object' || data === null) return data
  const { variables, grants } = data as { variables?: Record<string, unknown>; grants?: unknown }
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
        const known = variables && Object.hasOwn(variables, name) ? variables[name] : undefined
        if (typeof known === 'string') return known
        report(path, `there is no variable ${escapeValue(name)}`)
        return whole
      })
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  return grants === undefined ? data : { ...data, grants: walk(grants, ['grants']) }
}
