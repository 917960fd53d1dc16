import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import type { Exit } from './transport.ts'

/** How long output may still come after the program ended, in milliseconds: a child of it may hold the pipe for ever. */
const drain = 1000

/** How a child process ended, once its output is complete or nobody but strangers can still write to it. */
export async function exitOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  const closed = once(child, 'close')
  const exited = once(child, 'exit')
  try {
    const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
    const timer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, drain)
    await closed
    clearTimeout(timer)
    if (signal !== null) return { signal }
    return code === null ? { fault: { kind: 'lost', text: 'no exit status arrived' } } : { exitCode: code }
  } catch (cause) {
    return { fault: { kind: 'start', cause } }
  }
}
