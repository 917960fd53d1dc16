import yargs, { type Argv, type CommandModule } from 'yargs'
import { AppstoreError } from '../errors/error.ts'
import { groups, nameOf } from './groups.ts'
import { globalOptions } from './options.ts'
import { endOnClosedOutput, shown } from './output.ts'
import { report } from './report.ts'
import { verbExit } from './verb.ts'
import { version } from './version.ts'

/** What exit statuses mean; every page of help ends with it. */
const exits = `Exit status: 0 done; 64 command line, 65 input, 66 not found, 67 not logged in, 69 something cannot be reached,
70 failed, 73 a name is taken, 74 no space, 75 busy, 77 not allowed, 78 not in that state, 124 time
limit, 130 interrupted.`

/** Parses a command line and does what it says. Never rejects; returns the exit status. */
export async function runProgram(args: readonly string[]): Promise<number> {
  endOnClosedOutput()
  try {
    refuseUnnamed(args)
    const parser = await parserFor(args)
    await parser.parseAsync()
    return verbExit()
  } catch (error) {
    return report(error, args.includes('--json'))
  }
}

/** yargs keeps positionals by the name `_`, and an option of that name would be one of them. */
function refuseUnnamed(args: readonly string[]): void {
  const words = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (words.some(word => /^(?:-[^-=]*_|--(?:no-)?_(?:=|$))/.test(word)))
    throw new AppstoreError('APPSTORE_USAGE', 'Unknown argument: _')
}

/** Of all verbs the one that is used is loaded, and the others are named. */
async function parserFor(args: readonly string[]): Promise<Argv> {
  const wanted = groups.find(group => args.includes(nameOf(group)))
  const used = wanted && (await wanted.load()).verb
  const parser = yargs([...args])
    .scriptName('appstore')
    .usage('$0 <command>\n\nInstall self-hosted apps on Proxmox VE without ever being root.')
    .options(globalOptions)
  for (const group of groups) {
    if (group === wanted && used !== undefined) parser.command(used as CommandModule<object, never>)
    else parser.command(group.command, group.describe)
  }
  return parser
    .completion('completion', 'Print a completion script for bash or zsh')
    .demandCommand(1, 'a command is needed; see appstore --help')
    .strict()
    .parserConfiguration({ 'dot-notation': false, 'parse-numbers': false, 'parse-positional-numbers': false })
    .detectLocale(false)
    .locale('en')
    .version(version())
    .help()
    .alias('h', 'help')
    .wrap(100)
    .epilogue(exits)
    .exitProcess(false)
    .fail(fail) as unknown as Argv
}

/** yargs gives a message about the command line, or the error that a verb threw. */
function fail(message: string | undefined, error: Error | undefined): never {
  if (error !== undefined && error.name !== 'YError') throw error
  throw new AppstoreError('APPSTORE_USAGE', shown(error?.message ?? message, 400))
}
