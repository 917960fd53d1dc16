import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runScriptAs } from '../../../host/service.ts'
import { trace } from '../trace.ts'
import { naiveLog, naivePolicy } from './paths.ts'

/** What the helper answered. */
export interface NaiveAnswer {
  readonly error?: string
  readonly exitCode?: number
  readonly output?: string
}

/** Runs the helper of the baseline as root during an action. */
export async function withNaive<T>(action: (child: ChildProcess) => Promise<T>): Promise<T> {
  for (const file of [naiveLog, naivePolicy]) rmSync(file, { force: true })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'daemon.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  try {
    return await action(child)
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

/** Asks it as an account, all lines at once; a line is JSON, or an object that becomes it. */
export async function askNaive(user: string, lines: readonly (object | string)[]): Promise<NaiveAnswer[]> {
  const input = JSON.stringify(lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))))
  const { stdout, stderr } = await runScriptAs(user, join(import.meta.dirname, 'client.ts'), [], {
    input,
    timeout: 60_000,
  })
  if (stdout === '') throw new Error(`no answer of the naive helper: ${stderr}`)
  const answers = (JSON.parse(stdout) as string[]).map(text => (text === '' ? {} : JSON.parse(text)) as NaiveAnswer)
  for (const [at, answer] of answers.entries()) trace({ user, line: String(lines[at]).slice(0, 200), answer })
  return answers
}
