import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const locks = JSON.stringify(new URL('../../src/locks/locks.ts', import.meta.url).href)

/**
 * Starts a process of its own that runs a script with `openLocks` and the arguments as `argv`; its lines are read one
 * after the other.
 */
export function startScript(
  script: string,
  argv: readonly string[],
  options: readonly string[] = [],
): { child: ChildProcess; line(): Promise<string> } {
  const text = `import { openLocks } from ${locks}
    const argv = process.argv.slice(1)
    ${script}`
  const args = [...options, '--conditions=@broker/source', '--input-type=module', '-e', text, '--', ...argv]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: {} })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, line: async () => (await lines.next()).value ?? '' }
}

/** Ends a process by force, and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
