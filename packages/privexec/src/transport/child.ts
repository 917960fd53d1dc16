import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Exit } from './transport.ts'

/** How long output may still come after the program ended, in milliseconds: a child of it may hold the pipe for ever. */
const drain = 1000

/** How a child process ended, once its output is complete or nobody but strangers can still write to it. */
export function exitOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  let timer: NodeJS.Timeout | undefined
  child.on('error', cause => resolve({ fault: { kind: 'start', cause } }))
  child.on('exit', () => {
    timer = setTimeout(() => {
      child.stdout.destroy()
      child.stderr.destroy()
    }, drain)
  })
  child.on('close', (code, signal) => {
    clearTimeout(timer)
    if (signal !== null) resolve({ signal })
    else resolve(code === null ? { fault: { kind: 'lost', text: 'no exit status arrived' } } : { exitCode: code })
  })
  return promise
}
