import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import { PrivexecError } from '../errors/error.ts'
import { offsetOf, type Path, pathText, plainText, trickery } from './document.ts'
import type { PolicyOptions } from './load.ts'
import type { Policy } from './policy.ts'
import { policyOf } from './read.ts'
import { substitute } from './variables.ts'

/** More help nobody: a file that is no policy at all can have one for every character. */
const mostProblems = 20

/** A policy, and the plain value that it was made of. */
export interface Parsed {
  readonly policy: Policy
  /** The document after its variables were put in. */
  readonly data: unknown
}

/** Reads a policy from its text. Throws `PRIVEXEC_POLICY_INVALID` with all problems, each with line and column. */
export async function parse(text: string, options: PolicyOptions & { readonly source?: string }): Promise<Parsed> {
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
    const policy = policyOf(z, data, { commands, source: options.source, report })
    if (policy && problems.length === 0) return { policy, data }
  }
  throw new PrivexecError('PRIVEXEC_POLICY_INVALID', problems.slice(0, mostProblems).join('\n'))
}
