import { isPrivexecError, PrivexecError } from '../../errors/error.ts'
import { colour, plain, shown, table } from '../style.ts'
import type { Step } from './step.ts'

/** The steps for people, each with what it does; `nothing` stands for no steps at all. */
export function showSteps(steps: readonly Step[], nothing: string): string {
  const rows = table(steps.map(({ state, path, what }) => [state, path, what])).split('\n')
  const text = steps.flatMap(({ lines = [] }, at) => [rows[at] ?? '', ...lines.map(line)])
  return steps.length === 0 ? nothing : text.join('\n')
}

const line = (text: string): string => `    ${colour(text.startsWith('-') ? 'red' : 'green', plain(text))}`

/** Does the steps in their order. Throws `PRIVEXEC_INSTALL_FAILED` at the first that fails. */
export async function applySteps(steps: readonly Step[]): Promise<void> {
  for (const { path, apply } of steps) {
    try {
      await apply?.()
    } catch (cause) {
      if (isPrivexecError(cause)) throw cause
      const { code = 'failed' } = cause as NodeJS.ErrnoException
      throw new PrivexecError('PRIVEXEC_INSTALL_FAILED', `${path}: ${shown(code)}`, { cause })
    }
  }
}
