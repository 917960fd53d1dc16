import type { Argv, CommandModule } from 'yargs'
import { type Client, openClient } from './client.ts'
import { findLogin } from './login.ts'
import { print, schema } from './output.ts'

/** Options that every verb has. */
export interface Common {
  readonly json: boolean
  readonly quiet: boolean
  readonly yes: boolean
  readonly input: boolean
}

/** What a verb has to say: an object for programs, one text for people, and the exit status (0 by default). */
export interface Answer {
  readonly data: object
  readonly text: string
  readonly exit?: number
}

interface Verb<Args> {
  /** As yargs writes it: `start <install>`. */
  readonly command: string
  readonly describe: string
  readonly builder?: (yargs: Argv<Common>) => Argv<Args>
  /** Answers, or has written its output itself and returns the exit status. */
  readonly run: (args: Args & Common, client: () => Client) => Promise<Answer | number>
}

let exitStatus = 0

/** Exit status of the verb that ran. */
export const verbExit = (): number => exitStatus

/** Makes a module for yargs of a verb. */
export function verb<Args = Common>({ command, describe, builder, run }: Verb<Args>): CommandModule<Common, Args> {
  return {
    command,
    describe,
    builder: yargs => (builder ?? (given => given as unknown as Argv<Args>))(yargs),
    handler: async given => {
      const args = given as unknown as Args & Common
      const answer = await run(args, () => openClient(findLogin()))
      if (typeof answer === 'number') exitStatus = answer
      else {
        await print(args.json ? JSON.stringify({ schema, ...answer.data }) : answer.text)
        exitStatus = answer.exit ?? 0
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
    return yargs.demandCommand(1, `${command} needs one of its commands; see appstore ${command} --help`)
  },
  handler: () => {},
})
