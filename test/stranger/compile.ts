import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from './install.ts'

/** What the compiler said of a stranger's project. */
export interface Compiled {
  /** Examples of the README, which were compiled too. */
  readonly examples: number
  /** Errors outside of `wrong.ts`. */
  readonly errors: readonly string[]
  /** Lines of `wrong.ts` with an error, and those that say `// wrong: `. */
  readonly found: readonly number[]
  readonly wanted: readonly number[]
}

/** Compiles a project in strict mode with the examples of the README of an installed package. */
export function compileProject({ directory, run }: Project, installed: string): Compiled {
  const examples = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
  for (const [index, [, code = '']] of examples.entries()) writeFileSync(join(directory, `example${index}.ts`), code)
  const { stdout } = run('tsc', '-p', '.', '--outDir', 'built')
  const errors = stdout.split('\n').filter(line => /error TS/.test(line) && !line.startsWith('wrong.ts('))
  const found = [...stdout.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line))
  const lines = readFileSync(join(directory, 'wrong.ts'), 'utf8').split('\n')
  const wanted = lines.flatMap((line, index) => (line.includes('// wrong: ') ? [index + 1] : []))
  return { examples: examples.length, errors, found: [...new Set(found)], wanted }
}
