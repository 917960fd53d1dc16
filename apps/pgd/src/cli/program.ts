import yargs, { type Argv, type CommandModule } from 'yargs'
import { usage } from './failure.ts'
import { type Group, groups, nameOf } from './groups.ts'
import { exits } from './help.ts'
import { report } from './report.ts'
import { shown } from './style.ts'
import { endOnClosedOutput, verbExit } from './verb.ts'

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
  if (words.some(word => /^(?:-[^-=]*_|--(?:no-)?_(?:=|$))/.test(word))) throw usage('Unknown argument: _')
}

/** Of all verbs the one that is used is loaded, and the others are named. */
async function parserFor(args: readonly string[]): Promise<Argv> {
  const wanted = groups.find(group => args.includes(nameOf(group)))
  const used = wanted && (await wanted.load()).verb
  const parser = yargs([...args])
    .scriptName('pgd')
    .usage('$0 <command>')
    .option('json', { type: 'boolean', default: false, global: true, describe: 'Answer in JSON' })
    .option('quiet', {
      alias: 'q',
      type: 'boolean',
      default: false,
      global: true,
      describe: 'Say nothing of what is done',
    })
    .option('yes', {
      alias: 'y',
      type: 'boolean',
      default: false,
      global: true,
      describe: 'Do not ask before something is destroyed',
    })
    .option('input', { type: 'boolean', default: true, global: true, describe: 'Ask where something is to be decided' })
    .option('timeout', { type: 'string', requiresArg: true, global: true, describe: 'Time limit: 30s, 5m' })
    .option('store', { type: 'string', requiresArg: true, global: true, describe: 'zfs:DATASET or directory:/PATH' })
    .option('runtime', {
      choices: ['docker', 'process'] as const,
      requiresArg: true,
      global: true,
      describe: 'Where servers run',
    })
  for (const group of named(args, wanted)) {
    if (group === wanted && used !== undefined) parser.command(used as CommandModule<object, never>)
    else parser.command(group.command, group.describe)
  }
  return parser
    .completion('completion', 'Print a completion script for bash or zsh', complete as never)
    .demandCommand(1, 'a command is needed; see pgd --help')
    .strict()
    .check(noDuplicates, true)
    .parserConfiguration({
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .detectLocale(false)
    .locale('en')
    .version(false)
    .help()
    .alias('h', 'help')
    .wrap(100)
    .epilogue(exits)
    .exitProcess(false)
    .fail(fail) as unknown as Argv
}

/** What a page or a completion names: all; else nothing is asked of the others, each of which takes half a millisecond. */
const named = (args: readonly string[], wanted: Group | undefined): readonly Group[] =>
  wanted === undefined || args.some(word => pages.test(word)) ? groups : [wanted]

const pages = /^(?:-h|--h.*|help|completion|--get-yargs.*)$/

/** yargs gives a message about the command line, or the error that a verb threw. */
function fail(message: string | undefined, error: Error | undefined): never {
  throw error === undefined || error.name === 'YError' ? usage(shown(error?.message ?? message, 400)) : error
}

/** yargs makes an array of an option that is given twice; of two values one would be ignored. */
function noDuplicates(args: Record<string, unknown>): true {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && name !== '_' && name !== '--') throw usage(`--${name} is given twice`)
  }
  return true
}

/** Completes names of branches and projects where one stands. */
async function complete(current: string, args: { _: string[] }, fallback: () => void, done: (words: string[]) => void) {
  const [, group = '', verb = ''] = args._.map(String)
  const isProject = group === 'project' && ['get', 'delete'].includes(verb)
  const isBranch = ['url', 'password', 'connect', 'run', 'diff'].includes(group) || isOfBranch(group, verb)
  if (current.startsWith('-') || !(isProject || isBranch)) return fallback()
  const { Pgd } = await import('../pgd.ts')
  const pgd = await Pgd.open()
  const all = isProject ? await pgd.projects.list() : await pgd.branches.list()
  done(all.map(({ name }) => name).filter(name => name.startsWith(current)))
}

const isOfBranch = (group: string, verb: string): boolean =>
  (group === 'branch' && verb !== '' && verb !== 'list' && verb !== 'create') ||
  (group === 'snapshot' && ['create', 'list', 'prune'].includes(verb)) ||
  (group === 'wal' && verb !== '')
