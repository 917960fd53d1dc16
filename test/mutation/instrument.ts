import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Instrumenter } from '@stryker-mutator/instrumenter'

const root = join(import.meta.dirname, '../..')
const quiet = { isTraceEnabled: () => false, isDebugEnabled: () => false } as unknown as Record<string, unknown>
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) quiet[level] = () => {}

/** A change of the sources that some test should notice. */
export interface Mutant {
  readonly id: string
  /** Relative to the repository. */
  readonly file: string
  readonly line: number
  /** Kind of the change, and the text that stands in place of the original. */
  readonly mutator: string
  readonly replacement: string
}

/** Copies the library's sources to a directory, with all mutants of some files in them; one is switched on at a time. */
export async function instrument(patterns: readonly string[], target: string): Promise<Mutant[]> {
  cpSync(join(root, 'packages/privexec/src'), join(target, 'packages/privexec/src'), { recursive: true })
  const files = globSync(patterns, { cwd: root }).sort()
  const sources = files.map(name => ({ name, content: readFileSync(join(root, name), 'utf8'), mutate: true as const }))
  const instrumenter = new Instrumenter(quiet as never)
  // Words for people: what they say is for tests of sentences, not of behaviour.
  const options = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] }
  const result = await instrumenter.instrument(sources as never, options as never)
  for (const { name, content } of result.files) writeFileSync(join(target, name), content)
  const counted = result.mutants.filter(({ mutatorName }) => mutatorName !== 'StringLiteral')
  return counted.map(({ id, fileName, mutatorName, replacement, location }) => ({
    id,
    file: relative(root, join(root, fileName)),
    line: location.start.line + 1,
    mutator: mutatorName,
    replacement: replacement.replace(/\s+/g, ' ').slice(0, 80),
  }))
}
