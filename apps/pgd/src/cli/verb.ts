import { once } from 'node:events'
import type { Argv, CommandModule } from 'yargs'
import type { CallOptions } from '../api.ts'
import { parseSpan } from '../names/span.ts'
import type { Pgd } from '../pgd.ts'
import { interruptible } from './interrupt.ts'
import { progress } from './progress.ts'

/** Options that every verb has. */
export interface Common {
  readonly json: boolean
  readonly quiet: boolean
  readonly yes: boolean
  readonly input: boolean
  readonly timeout?: string
  readonly store?: string
  readonly runtime?: 'docker' | 'process'
}

/** What a verb has to say: an object for programs, one text for people, and the exit status (0 by default). */
export interface Answer {
  readonly data: object
  readonly text: string
  readonly exit?: number
}

/** Definition of a verb: its place on the command line, and what it does. */
interface Verb<Args> {
  /** As yargs writes it: `create <branch>`. */
  readonly command: string
  readonly describe: string
  readonly builder: (yargs: Argv<Common>) => Argv<Args>
  /** Answers, or has written its output itself and returns the exit status. */
  readonly run: (pgd: Pgd, args: Args & Common, options: CallOptions) => Promise<Answer | number>
}

/** Version of all that `--json` prints; docs/reference/pgd.schema.json describes it. */
export const schema = 'pgd/1'

let exitStatus = 0

/** Exit status of the verb that ran. */
export const verbExit = (): number => exitStatus

/** Sets that status, for a verb that is not made by {@link verb}. */
export function endWith(status: number): void {
  exitStatus = status
}

/** Makes a module for yargs of a verb. */
export function verb<Args>({ command, describe, builder, run }: Verb<Args>): CommandModule<Common, Args> {
  return {
    command,
    describe,
    builder: yargs => builder(yargs),
    handler: async given => {
      const args = given as unknown as Args & Common
      const timeout = args.timeout === undefined ? undefined : parseSpan(args.timeout, 'timeout')
      const { Pgd } = await import('../pgd.ts')
      const pgd = await Pgd.open({
        ...(args.store === undefined ? {} : { store: args.store }),
        ...(args.runtime === undefined ? {} : { runtime: args.runtime }),
      })
      const shown = progress(args)
      const { signal, stop } = interruptible()
      try {
        const options = { signal, onStep: shown.step, ...(timeout === undefined ? {} : { timeout }) }
        const answer = await run(pgd, args, options)
        shown.end()
        if (typeof answer === 'number') exitStatus = answer
        else {
          await print(args.json ? JSON.stringify({ schema, ...answer.data }) : answer.text)
          exitStatus = answer.exit ?? 0
        }
      } finally {
        shown.end()
        stop()
      }
    },
  }
}

/** A verb that only groups others. */
export const verbGroup = (
  command: string,
  describe: string,
  verbs: readonly CommandModule<Common, never>[],
): CommandModule<never, never> => ({
  command,
  describe,
  builder: yargs => {
    for (const each of verbs) yargs.command(each as unknown as CommandModule<never, never>)
    return yargs.demandCommand(1, `${command} needs one of its commands; see pgd ${command} --help`)
  },
  handler: () => {},
})

/** Writes data to standard output, with a newline at its end, and waits while the reader is slow. */
export async function print(text: string): Promise<void> {
  if (text === '') return
  if (!process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)) await once(process.stdout, 'drain')
}

/** A reader that has seen enough, such as head(1), is no error; anything else is. */
export function endOnClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitStatus)
    note(`pgd: standard output: ${error.message}`)
    process.exit(74)
  })
}

/** Writes a message to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
