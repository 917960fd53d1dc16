import { once } from 'node:events'
import type { Argv, CommandModule } from 'yargs'
import { asciiJson } from '../audit/text.ts'

/** Options that every verb has. */
export interface Common {
  readonly json: boolean
}

/** What a verb has to say: one object for programs, one text for people, and the exit status (0 by default). */
export interface Answer {
  readonly data: unknown
  readonly text: string
  readonly exit?: number
}

/** Definition of a verb: its place on the command line, and what it does. */
interface Verb<Args> {
  /** As yargs writes it: `check <file..>`. */
  readonly command: string
  readonly describe: string
  readonly builder: (yargs: Argv<Common>) => Argv<Args>
  /** Answers, or has written its output itself and returns the exit status. */
  readonly run: (args: Args & Common) => Promise<Answer | number>
}

let exitStatus = 0

/** Exit status of the verb that ran. */
export const verbExit = (): number => exitStatus

/** Makes a module for yargs of a verb. */
export function verb<Args>({ command, describe, builder, run }: Verb<Args>): CommandModule<Common, Args> {
  return {
    command,
    describe,
    builder: yargs => builder(yargs),
    handler: async args => {
      const answer = await run(args as unknown as Args & Common)
      if (typeof answer === 'number') exitStatus = answer
      else {
        await print(args.json ? asciiJson(answer.data) : answer.text)
        exitStatus = answer.exit ?? 0
      }
    },
  }
}

/** A verb that only groups others. */
export function verbGroup(
  command: string,
  describe: string,
  verbs: readonly CommandModule<Common, never>[],
): CommandModule<Common, Common> {
  return {
    command,
    describe,
    builder: yargs => {
      for (const each of verbs) yargs.command(each)
      return yargs.demandCommand(1, `${command} needs one of its commands; see privexec ${command} --help`)
    },
    handler: () => {},
  }
}

/** Writes data to standard output, with a newline at its end, and waits while the reader is slow. */
export async function print(text: string): Promise<void> {
  if (text === '') return
  if (!process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)) await once(process.stdout, 'drain')
}

/** A reader that has seen enough, such as head(1), is no error; anything else is. */
export function endOnClosedOutput(): void {
  process.stdout.on('error', onOutputError)
}

/** For a verb that has work under way: it learns of the closed output by its own writes, and ends the work first. */
export function leaveClosedOutputAlone(): void {
  process.stdout.off('error', onOutputError)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitStatus)
  note(`privexec: standard output: ${error.message}`)
  process.exit(74)
}

/** Writes a message to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
