import { on } from 'node:events'
import type { Terminal } from '../execute/options.ts'
import type { TerminalSize } from '../wire/message.ts'
import { usage } from './failure.ts'

/** Hands the terminal of the caller over: keys go through as they are typed, and its size as it changes. */
export function openTerminal(json: boolean): Terminal & { close(): void } {
  const { stdin, stdout } = process
  if (json || !stdin.isTTY || !stdout.isTTY) throw usage('--terminal needs a terminal, and goes without --json')
  const closing = new AbortController()
  const size = (): TerminalSize => ({ columns: stdout.columns, rows: stdout.rows })
  async function* resizes(): AsyncGenerator<TerminalSize> {
    try {
      for await (const _event of on(stdout, 'resize', { signal: closing.signal })) yield size()
    } catch {
      // Closed.
    }
  }
  stdin.setRawMode(true)
  return {
    ...size(),
    resizes: resizes(),
    close: () => {
      closing.abort()
      stdin.setRawMode(false)
    },
  }
}
