import { pathToFileURL } from 'node:url'
import { Test, t } from 'tap'
import { nextGeneration, redirect } from './hooks.ts'

// Runs test files within one process, with one mutant at a time. Messages: { id?, file, bail } in, { failed, covered } out.

/** What the instrumented sources look at. */
interface Switches {
  activeMutant?: string | undefined
  mutantCoverage?: { static: Record<string, number> } | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

const switches: Switches = {}
Object.assign(globalThis, { __stryker__: switches })
redirect(process.argv[2] ?? '')
process.on('unhandledRejection', () => {})
// The runner has a time limit of its own for each mutant.
t.setTimeout(0)

/** Whether a test file passes. With `bail`, the first failure ends it, and this process is not to be used again. */
async function passes(file: string, bail: boolean): Promise<boolean> {
  const test = new Test({ name: file, bail } as never)
  Object.assign(globalThis, { currentTest: test })
  test.resume()
  const bailed = new Promise<boolean>(resolve => test.on('bailout', () => resolve(false)))
  return await Promise.race([bailed, ran(test as never, file)])
}

async function ran(test: Test, file: string): Promise<boolean> {
  try {
    await import(pathToFileURL(file).href)
    test.end()
    if (!(test as never as { ended: boolean }).ended) await new Promise(resolve => test.on('complete', resolve))
    return test.passing()
  } catch {
    return false
  }
}

interface Question {
  readonly id?: string
  readonly file: string
  readonly bail: boolean
}

process.on('message', async ({ id, file, bail }: Question) => {
  switches.activeMutant = id
  switches.hitCount = id === undefined ? undefined : 0
  switches.hitLimit = id === undefined ? undefined : 1_000_000
  switches.mutantCoverage = { static: {} }
  nextGeneration()
  const failed = !(await passes(file, bail))
  const covered = id === undefined ? Object.keys(switches.mutantCoverage.static) : []
  process.send?.({ failed, covered })
})
process.send?.({ ready: true })
