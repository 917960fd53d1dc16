import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import { assemble, type PolicyFile } from './assemble.ts'
import { offsetOf, type Path, pathText, plainText, trickery } from './document.ts'
import { BoundError } from './grant.ts'
import type { PolicyOptions } from './load.ts'
import type { Policy } from './policy.ts'
import { policySchema } from './schema.ts'
import { substitute } from './variables.ts'

/** More help nobody: a file that is no policy at all can have one for every character. */
const mostProblems = 20

/** Reads a policy from its text. Throws `PRIVEXEC_POLICY_INVALID` with all problems, each with line and column. */
export async function parse(text: string, options: PolicyOptions & { readonly source?: string }): Promise<Policy> {
  const [yaml, { z }] = await Promise.all([import('yaml'), import('zod')])
  const { commands = catalogue as readonly Command[], source = 'policy' } = options
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, merge: false })
  const problems: string[] = []
  const at = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    problems.push(`${source}:${line}:${col}: ${message}`)
  }
  for (const error of [...document.errors, ...document.warnings]) at(error.pos[0], plainText(error.message))
  if (problems.length === 0) for (const { offset, message } of trickery(yaml, document)) at(offset, message)
  if (problems.length === 0) {
    const report = (path: Path, message: string) => at(offsetOf(document, path), `${pathText(path)}: ${message}`)
    const data = substitute(document.toJS({ maxAliasCount: 0 }), report)
    const parsed = policySchema(z, commands).safeParse(data)
    for (const issue of flatIssues(parsed.error?.issues ?? [])) {
      report(issue.path, `${issue.message}${shown(data, issue.path)}`)
    }
    if (parsed.success && problems.length === 0) {
      try {
        return assemble(parsed.data as unknown as PolicyFile, commands, options.source)
      } catch (error) {
        if (!(error instanceof BoundError)) throw error
        report(error.path, error.message)
      }
    }
  }
  throw new PrivexecError('PRIVEXEC_POLICY_INVALID', problems.slice(0, mostProblems).join('\n'))
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
