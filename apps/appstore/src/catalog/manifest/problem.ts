import { escapeValue } from '@broker/privexec/escape'
import type { z } from 'zod'
import type { Problem } from '../../errors/error.ts'
import { type Path, pathText } from '../yaml/path.ts'
import type { YamlFile } from '../yaml/read.ts'

/** What is wrong with a file of the catalog. With an error it cannot be used; a warning is only told. */
export interface CatalogProblem extends Problem {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Most problems that are kept of one file. */
const most = 50

/** Collects the problems of one file. */
export class Problems {
  readonly #file: string
  readonly #yaml: YamlFile
  readonly #found: CatalogProblem[] = []

  constructor(file: string, yaml: YamlFile) {
    this.#file = file
    this.#yaml = yaml
    for (const fault of yaml.faults) this.#found.push({ severity: 'error', field: '', file, ...fault })
  }

  error(path: Path, message: string, key?: string): void {
    this.#add('error', path, message, key)
  }

  warning(path: Path, message: string, key?: string): void {
    this.#add('warning', path, message, key)
  }

  #add(severity: 'error' | 'warning', path: Path, message: string, key: string | undefined): void {
    if (this.#found.length >= most) return
    const field = pathText(key === undefined ? path : [...path, key])
    this.#found.push({ severity, field, message, file: this.#file, ...this.#yaml.at(path, key) })
  }

  /** In the order of the file. */
  get all(): readonly CatalogProblem[] {
    return [...this.#found].sort((a, b) => a.line - b.line || a.column - b.column)
  }

  get failed(): boolean {
    return this.#found.some(problem => problem.severity === 'error')
  }
}

/** Checks the data of a file against its schema; undefined, with a problem for each fault, when they do not fit. */
export function fit<T>(schema: z.ZodType<T>, yaml: YamlFile, problems: Problems): T | undefined {
  if (problems.failed) return undefined
  const result = schema.safeParse(yaml.data)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.error(path, unknownKey(key), key)
    } else if (issue.code === 'invalid_key') {
      const key = String(path.at(-1))
      problems.error(path.slice(0, -1), issue.issues[0]?.message ?? 'is not a proper key', key)
    } else problems.error(path, isMissing(yaml.data, path) ? 'is missing' : issue.message)
  }
  return undefined
}

/** What authors write where the format has another key, as the catalog's own documents do. */
const meant: Readonly<Record<string, string>> = {
  path: 'mount_path',
  default_size_gb: 'size_gb',
  managed: 'type: volume',
  memory: 'memory_mb',
  disk: 'disk_gb',
  template: 'ostemplate',
  timeout: 'timeout_sec',
  pattern: 'validation.regex',
  options: 'validation.enum',
}

const unknownKey = (key: string): string => {
  const hint = Object.hasOwn(meant, key) ? `; is ${meant[key]} meant?` : ''
  return `${escapeValue(key)} is not a key of the format${hint}`
}

function isMissing(data: unknown, path: Path): boolean {
  let value = data
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return false
    value = (value as Record<string | number, unknown>)[part]
  }
  return value === undefined || value === null
}
