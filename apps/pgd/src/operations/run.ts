import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'
import { saysNoSpace } from '../postgres/words.ts'
import type { Runtime, Tool, ToolEnd } from '../runtime/runtime.ts'

/** Runs a program of PostgreSQL; rejects with `PGD_PROGRAM_FAILED` and its own words when it fails. */
export async function run(runtime: Runtime, tool: Tool): Promise<ToolEnd> {
  const end = await runtime.run(tool)
  const [program] = tool.argv
  if (end.exitCode === 0) return end
  const words = end.stderr.trim()
  const said = words === '' ? '' : `: ${escapeValue(words.slice(-400), 400)}`
  const message = `${program} failed with status ${end.exitCode}${said}`
  const code = saysNoSpace(words) ? 'PGD_NO_SPACE' : 'PGD_PROGRAM_FAILED'
  throw new PgdError(code, message, { program, exitCode: end.exitCode, stderr: end.stderr })
}
