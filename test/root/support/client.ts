import { join } from 'node:path'
import { type RunOptions, runScriptAs } from '../../host/service.ts'
import type { Answer, Call } from './call.ts'

/** Makes calls through the library as an account in its read-only namespace, one after another or all at once. */
export async function callAs(
  user: string,
  policy: string,
  calls: readonly Call[],
  { together = false, ...options }: RunOptions & { readonly together?: boolean } = {},
): Promise<Answer[]> {
  const script = join(import.meta.dirname, 'call.ts')
  const args = [policy, together ? 'together' : 'in order']
  const run = await runScriptAs(user, script, args, {
    cwd: join(import.meta.dirname, '../../..'),
    input: JSON.stringify(calls),
    timeout: 120_000,
    ...options,
  })
  const lines = run.stdout.split('\n').filter(line => line !== '')
  if (lines.length !== calls.length) throw new Error(`${lines.length} of ${calls.length} answers: ${run.stderr}`)
  return lines.map(line => JSON.parse(line) as Answer)
}
