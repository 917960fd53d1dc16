import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type Count, TapReader } from './tap.ts'

/** A part of the tests that runs as one command. */
export interface Stage {
  /** Folder below `test/`, or `unit`. */
  readonly name: string
  readonly title: string
  readonly command: readonly [string, ...string[]]
  /** Seconds until it is stopped and counts as failed. */
  readonly limit: number
  /** Whether it makes throwaway hosts, which takes root on Linux. */
  readonly needsHost: boolean
}

/** How long a stage that was told to stop may clean up after itself, in milliseconds. */
const grace = 10_000

let current: ChildProcess | undefined

/** Stops the running stage with all its processes, as a signal to `npm test` should. */
export function stopCurrent(signal: NodeJS.Signals): void {
  if (current?.pid === undefined || current.exitCode !== null || current.signalCode !== null) return
  try {
    // It leads a process group of its own.
    process.kill(-current.pid, signal)
  } catch {
    current.kill(signal)
  }
}

/**
 * Runs a stage and counts. Output that is TAP is condensed, other output is shown as it is. A stage that ends badly, or
 * without saying what it did, counts as one failure more.
 */
export async function runStage(stage: Stage, show: (line: string) => void): Promise<Count> {
  const [file, ...args] = stage.command
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  current = child
  const reader = new TapReader(show)
  createInterface(child.stdout).on('line', line => reader.push(line))
  createInterface(child.stderr).on('line', show)
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    stopCurrent('SIGTERM')
  }, stage.limit * 1000)
  const lastResort = setTimeout(() => stopCurrent('SIGKILL'), stage.limit * 1000 + grace)
  const end = await once(child, 'close').catch((error: Error) => [error.message, null])
  clearTimeout(limit)
  clearTimeout(lastResort)
  const [status, signal] = end as [number | string | null, NodeJS.Signals | null]
  const { count } = reader
  const crash = isLate
    ? `it took longer than ${stage.limit} s and was stopped`
    : status !== 0
      ? `it ended with ${signal ?? status}`
      : reader.isComplete
        ? undefined
        : 'it ended without a summary'
  if (crash !== undefined && (count.failed === 0 || isLate)) {
    show(`FAILED  ${stage.title}: ${crash}`)
    count.failed += 1
  }
  return count
}
