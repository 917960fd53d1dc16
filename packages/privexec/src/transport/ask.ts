import { execFile } from 'node:child_process'
import type { Ending } from './transport.ts'

/** A short call beside an operation; 15 seconds are more than ending one takes. */
export const ask = (
  file: string,
  args: readonly string[],
): Promise<{ readonly succeeded: boolean; readonly stdout: string }> =>
  new Promise(resolve => {
    const options = { cwd: '/', env: { LC_ALL: 'C' }, timeout: 15_000, encoding: 'utf8' } as const
    execFile(file, args, options, (error, stdout) => resolve({ succeeded: error === null, stdout }))
  })

/** Calls `end-operation`, by whatever way, and reads its answer. */
export async function endBy(file: string, args: readonly string[]): Promise<Ending> {
  const { succeeded, stdout } = await ask(file, args)
  return { complete: succeeded, processes: Number.parseInt(stdout, 10) || 0 }
}
