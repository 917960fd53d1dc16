import yargs, { type CommandModule } from 'yargs'
import { catalogue } from '../catalogue/index.ts'
import { auditVerbs } from './audit/index.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { report, usage } from './failure.ts'
import { policyNames } from './find-policy.ts'
import { policyVerbs } from './policy/index.ts'
import { run } from './run.ts'
import { shown } from './style.ts'
import { endOnClosedOutput, verbExit } from './verb.ts'

const exits = `Exit status: 0 done; 1 a check found problems; 64 command line, 65 input, 66 a file,
69 something is missing, 74 audit, 77 refused, 78 policy, 124 time limit, 125 cancelled.
privexec run has the exit status of the program.`

/** Parses a command line and does what it says. Never rejects; returns the exit status. */
export async function runProgram(args: readonly string[]): Promise<number> {
  endOnClosedOutput()
  try {
    refuseUnnamed(args)
    await parser(args).parseAsync()
    return verbExit()
  } catch (error) {
    return report(error, args.includes('--json'))
  }
}

/** yargs keeps positionals by the name `_`, and an option of that name would be one of them. */
function refuseUnnamed(args: readonly string[]): void {
  const words = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (words.some(word => /^(?:-[^-=]*_|--(?:no-)?_(?:=|$))/.test(word))) throw usage('Unknown argument: _')
}

function parser(args: readonly string[]) {
  const verbs = [policyVerbs, explain, run, doctor, auditVerbs] as unknown as CommandModule[]
  return yargs([...args])
    .scriptName('privexec')
    .usage('$0 <command>\n\nPolicies for privileged commands: check, install, explain, run, and see what was done.')
    .option('json', { type: 'boolean', default: false, global: true, describe: 'Answer in JSON' })
    .command(verbs)
    .completion('completion', 'Print a completion script for bash or zsh', complete as never)
    .demandCommand(1, 'a command is needed; see privexec --help')
    .strict()
    .check(noDuplicates, true)
    .parserConfiguration({ 'dot-notation': false, 'parse-positional-numbers': false, 'camel-case-expansion': true })
    .detectLocale(false)
    .locale('en')
    .version(false)
    .option('version', { type: 'boolean', describe: 'Print the version', global: false })
    .help()
    .alias('h', 'help')
    .wrap(100)
    .epilogue(exits)
    .exitProcess(false)
    .fail(fail)
}

/** yargs gives a message about the command line, or the error that a verb threw. */
function fail(message: string | undefined, error: Error | undefined): never {
  throw error === undefined || error.name === 'YError' ? usage(shown(error?.message ?? message, 400)) : error
}

/** yargs makes an array of an option that is given twice; of two values one would be ignored. */
function noDuplicates(args: Record<string, unknown>): true {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !manyValued.has(name)) throw usage(`--${name} is given twice`)
  }
  return true
}

const manyValued = new Set(['_', 'file', 'audits', 'sudo-log', 'sudoLog', 'user', 'policies'])

/** Completes command ids of the catalogue and names of installed policies. */
function complete(current: string, args: { _: string[] }, fallback: () => void, done: (words: string[]) => void): void {
  const words = args._.map(String)
  const isId = (words[1] === 'run' || words[1] === 'explain') && words.length <= 3 && !current.startsWith('-')
  if (isId) done(catalogue.map(({ id }) => id as string).filter(id => id.startsWith(current)))
  else if (process.argv.at(-2) === '--policy') done(policyNames())
  else fallback()
}
