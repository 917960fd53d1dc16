import { createInterface } from 'node:readline'
import { styleText } from 'node:util'

/**
 * Shows where something is to be looked at, and waits for Enter, Ctrl+C or the end of the input. Without a terminal there
 * is nobody to wait for.
 */
export async function untilLookedAt(lines: readonly string[]): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return
  console.log(`\n${styleText('bold', 'Look at it as long as you like; Enter ends the demo')}`)
  for (const line of lines) console.log(`  ${line}`)
  const { promise, resolve } = Promise.withResolvers<void>()
  const asking = createInterface({ input: process.stdin, output: process.stdout })
  // With a handler of its own, Ctrl+C ends the waiting and not the demo, which still has to clean up.
  for (const event of ['line', 'SIGINT', 'close'] as const) asking.once(event, () => resolve())
  await promise
  asking.close()
}
