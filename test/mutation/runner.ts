import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

/** Questions after which a process is replaced: what it loaded stays in memory. */
const mostQuestions = 200

/** Runs test files over the instrumented sources, in a process of its own. One that takes more than `limit` ms fails. */
export interface Runner {
  /** Ids of the mutants that a test file reaches; undefined when it fails without any. */
  covers(file: string, limit: number): Promise<readonly string[] | undefined>
  /** Whether a test file fails with this mutant. After `bail`, which ends it sooner, the process must be renewed. */
  notices(mutant: string, file: string, limit: number, bail: boolean): Promise<boolean>
  /** Goes on in a new process, with nothing of what tests have left in the old one. */
  renew(): Promise<unknown>
  stop(): void
}

interface Answer {
  readonly failed: boolean
  readonly covered: readonly string[]
}

/** Starts a runner over the sources in `target`. */
export async function startRunner(target: string): Promise<Runner> {
  let child: ChildProcess | undefined
  let served = 0
  const fresh = async (): Promise<ChildProcess> => {
    child?.kill('SIGKILL')
    served = 0
    child = fork(join(import.meta.dirname, 'worker.ts'), [target], {
      execArgv: ['--conditions=@broker/source', '--no-warnings', '--max-old-space-size=3000'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    await new Promise(resolve => child?.once('message', resolve))
    return child
  }
  const ask = async (question: object, limit: number): Promise<Answer | undefined> => {
    const at = child?.connected && served < mostQuestions ? child : await fresh()
    served += 1
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
    const hear = (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'covered' in message) resolve(message as Answer)
    }
    const lose = () => resolve(undefined)
    const timer = setTimeout(lose, limit)
    at.on('message', hear)
    at.on('exit', lose)
    at.send(question)
    const answer = await promise
    clearTimeout(timer)
    at.off('message', hear)
    at.off('exit', lose)
    if (!answer) await fresh()
    return answer
  }
  return {
    covers: async (file, limit) => {
      const answer = await ask({ file, bail: false }, limit)
      return answer && !answer.failed ? answer.covered : undefined
    },
    notices: async (id, file, limit, bail) => {
      const answer = await ask({ id, file, bail }, limit)
      return !answer || answer.failed
    },
    renew: fresh,
    stop: () => child?.kill('SIGKILL'),
  }
}
