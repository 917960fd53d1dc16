import { groups } from '../../apps/pgd/src/cli/groups.ts'
import { options } from '../../apps/pgd/src/cli/help.ts'

interface Described {
  readonly name: string
  readonly describe?: string
  readonly default?: unknown
  readonly demandOption?: boolean
  readonly type?: string
  readonly choices?: readonly string[]
}

interface Module {
  readonly command: string
  readonly describe: string
  readonly builder: (yargs: Recorder) => unknown
}

/** What the definition of a verb tells yargs; takes its place. */
class Recorder {
  readonly positionals: Described[] = []
  readonly options: Described[] = []
  readonly examples: (readonly [string, string])[] = []
  readonly verbs: Module[] = []

  positional(name: string, told: Omit<Described, 'name'>): this {
    this.positionals.push({ name, ...told })
    return this
  }
  option(name: string, told: Omit<Described, 'name'>): this {
    this.options.push({ name, ...told })
    return this
  }
  example(command: string, about = ''): this {
    this.examples.push([command, about])
    return this
  }
  command(verb: Module): this {
    this.verbs.push(verb)
    return this
  }
  demandCommand(): this {
    return this
  }
}

/** All verbs with the words before them, as they are defined: `branch create <branch>`. */
export async function verbsOf(): Promise<{ readonly command: string; readonly module: Module }[]> {
  const all = await Promise.all(
    groups.map(async group => {
      const module = (await group.load()).verb as Module
      const { verbs } = record(module)
      return verbs.length === 0
        ? [{ command: module.command, module }]
        : verbs.map(verb => ({ command: `${module.command} ${verb.command}`, module: verb }))
    }),
  )
  return all.flat()
}

/** The page of the command, from the definitions that parse its command line. */
export async function pgdCommandsPage(): Promise<string> {
  const verbs = await verbsOf()
  return [
    '# Commands of pgd',
    '',
    'Branches are named `project/branch`, or by the beginning of their id; at least four characters of it. Instants are',
    '`2026-01-31T08:00:00Z` or `"10m ago"`, spans `30s`, `5m`, `2h`, `7d`, sizes `512m`, `2g`. What is shown goes to standard',
    'output; what is said to a person who waits, and errors, to standard error. [Errors and exit statuses](pgd-errors.md).',
    '',
    '## Options of every command',
    '',
    ...table(
      'option',
      options.map(([name, about]) => [name, about]),
    ),
    '',
    'With `--json` the answer is one line with `"schema": "pgd/1"`; [its schema](pgd.schema.json). `PGD_STORE` and',
    '`PGD_RUNTIME` in the environment say the same as `--store` and `--runtime`.',
    '',
    ...verbs.flatMap(section),
    '## `pgd completion`',
    '',
    'Print a completion script for bash or zsh; it completes names of projects and branches too.',
    '',
  ].join('\n')
}

function section({ command, module }: { readonly command: string; readonly module: Module }): string[] {
  const { positionals, options: own, examples } = record(module)
  return [
    `## \`pgd ${command}\``,
    '',
    `${module.describe}.`,
    '',
    ...(positionals.length === 0 ? [] : [...table('argument', positionals.map(row)), '']),
    ...(own.length === 0
      ? []
      : [
          ...table(
            'option',
            own.map(told => row({ ...told, name: `--${told.name}` })),
          ),
          '',
        ]),
    ...examples.map(([line, about]) => `    ${line.replace('$0', 'pgd')}${about === '' ? '' : `    # ${about}`}`),
    ...(examples.length === 0 ? [] : ['']),
  ]
}

const record = ({ builder }: Module): Recorder => {
  const recorder = new Recorder()
  builder(recorder)
  return recorder
}

function row({ name, describe = '', demandOption, choices, default: usual }: Described): readonly [string, string] {
  const notes = [
    choices === undefined ? '' : choices.join(' or '),
    name.startsWith('--') && demandOption === true ? 'required' : '',
    usual === undefined || usual === false ? '' : `\`${String(usual)}\` by default`,
  ].filter(Boolean)
  return [name, notes.length === 0 ? describe : `${describe} (${notes.join('; ')})`]
}

const table = (head: string, rows: readonly (readonly [string, string])[]): string[] => [
  `| ${head} | meaning |`,
  '| --- | --- |',
  ...rows.map(([name, about]) => `| \`${name}\` | ${about.replaceAll('|', '\\|')} |`),
]
