import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { type Planned, wordOf } from './step.ts'
import type { System } from './system.ts'

/**
 * Does what is to be done, in order, and asks the machine after each step whether it is so. Resolves to the titles of what
 * was done; rejects with `PGD_REFUSED` for others than root, and at the first step that fails, naming what was done before.
 */
export async function applySetup(
  system: System,
  plan: readonly Planned[],
  onStep: (title: string) => void = () => {},
): Promise<readonly string[]> {
  const open = plan.filter(({ wasDone }) => !wasDone)
  if (open.length > 0 && !system.isRoot) throw new PgdError('PGD_REFUSED', 'Only root sets pgd up')
  const done: string[] = []
  for (const { title, commands, isDone } of open) {
    onStep(title)
    for (const argv of commands) {
      const { exitCode, stdout, stderr } = await system.run(argv)
      if (exitCode === 0) continue
      const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join('; ')
      const words = `${argv.slice(0, 3).map(wordOf).join(' ')} ended with ${exitCode}: ${escapeValue(said, 500)}`
      throw failed(title, words, done, { program: wordOf(argv[0] ?? ''), exitCode, stderr })
    }
    if (!(await isDone())) throw failed(title, 'it was done, and is not so', done)
    done.push(title)
  }
  return done
}

function failed(title: string, why: string, done: readonly string[], more = {}): PgdError {
  const before = done.length === 0 ? 'nothing was changed before' : `done before: ${done.join(', ')}`
  const hint = 'What was done is right and stays; when the cause is mended, run it again'
  return new PgdError('PGD_PROGRAM_FAILED', `Making ${title} failed (${before}): ${why}`, { hint, ...more })
}
