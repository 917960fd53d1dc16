import type { Zod } from '../argument/type.ts'
import type { Command } from '../command/command.ts'
import { escapeValue } from '../errors/escape.ts'
import { assemble, type PolicyFile } from './assemble.ts'
import type { Path } from './document.ts'
import { BoundError } from './grant.ts'
import type { Policy } from './policy.ts'
import { policySchema } from './schema.ts'
import { transportProblems } from './transport.ts'

/** What a policy is read with. */
export interface Reading {
  /** Commands that it may grant. */
  readonly commands: readonly Command[]
  /** Where it was read from. */
  readonly source?: string | undefined
  /** Gets each problem, with the way to it from the top. */
  report(path: Path, message: string): void
}

/**
 * The policy of a plain value without variables, however that was written down; undefined when a problem was reported.
 * It reads no YAML, so that root need not have a reader of it.
 */
export function policyOf(zod: Zod, data: unknown, { commands, source, report }: Reading): Policy | undefined {
  const parsed = policySchema(zod, commands).safeParse(data)
  for (const issue of flatIssues(parsed.error?.issues ?? [])) {
    report(issue.path, `${issue.message}${shown(data, issue.path)}`)
  }
  if (!parsed.success) return undefined
  const file = parsed.data as unknown as PolicyFile
  const problems = [...transportProblems(file, commands)]
  for (const { path, message } of problems) report(path, message)
  if (problems.length > 0) return undefined
  try {
    return assemble(zod, file, commands, source)
  } catch (error) {
    if (!(error instanceof BoundError)) throw error
    report(error.path, error.message)
    return undefined
  }
}

interface Issue {
  readonly path: Path
  readonly message: string
}

/** The issues of the union member that came furthest: "invalid input" alone helps nobody. */
function flatIssues(issues: readonly object[], lead: Path = []): Issue[] {
  return issues.flatMap(issue => {
    const { path, message, errors, keys } = issue as Issue & { errors?: object[][]; keys?: string[] }
    const whole = [...lead, ...path]
    if (keys) return keys.map(key => ({ path: [...whole, key], message: 'there is no such key' }))
    const nearest = errors?.toSorted((a, b) => a.length - b.length)[0]
    return nearest && nearest.length > 0 ? flatIssues(nearest, whole) : [{ path: whole, message }]
  })
}

function shown(data: unknown, path: Path): string {
  let value = data
  for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part]
  return value === undefined || (typeof value === 'object' && value !== null) ? '' : `, not ${escapeValue(value)}`
}
