import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

/** Without it, most of the time would go into reading the sources again and again. */
const cache = join(import.meta.dirname, '../../../../../node_modules/.cache/privexec-tests')

/** What a run of the command left. */
export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts `privexec` from the sources, in an environment of its own: tap's would make it collect coverage. */
export const start = (args: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [main, ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', NODE_COMPILE_CACHE: cache },
  })

/** Runs `privexec` to its end. */
export async function privexec(args: readonly string[], input = ''): Promise<Run> {
  const child = start(args)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, ...texts }
}

/** The text of a policy for containers; `more` replaces lines by their beginning. */
export function policyText(changes: Readonly<Record<string, string>> = {}): string {
  const lines = [
    'policy: store',
    'summary: For tests',
    'principal: { user: nobody }',
    'audit: { file: /nonexistent/audit.jsonl }',
    'grants:',
    '  - { command: pct.exec, where: { vmid: 20000-20999 }, timeout: 10m }',
    '  - { command: pct.push, where: { vmid: 20000-20999, below: [/opt] }, timeout: 1m }',
  ]
  const changed = lines.map(line => {
    const key = Object.keys(changes).find(start => line.trimStart().startsWith(start))
    return key === undefined ? line : (changes[key] ?? line)
  })
  return `${changed.join('\n')}\n`
}
