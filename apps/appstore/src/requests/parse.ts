import type { z } from 'zod'
import { AppstoreError, type Problem } from '../errors/error.ts'

/**
 * A request of its schema.
 * @throws {AppstoreError} `APPSTORE_INPUT_INVALID`, with a problem for each field.
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap(problemsOf)
  const [first] = problems
  const rest = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  throw new AppstoreError('APPSTORE_INPUT_INVALID', `${first?.field || 'The request'}: ${first?.message}${rest}`, {
    ...(first?.field ? { field: first.field } : {}),
    problems,
  })
}

/** Fields in dotted form with indices in brackets, as the errors of the catalog have them. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const name = String(part)
    const shown = /^[\w/-]{1,130}$/.test(name) ? name : '?'
    return text === '' ? shown : `${text}.${shown}`
  }, '')
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ field: fieldOf([...issue.path, key]), message: 'is not known' }))
  }
  return [{ field: fieldOf(issue.path), message: issue.message }]
}
