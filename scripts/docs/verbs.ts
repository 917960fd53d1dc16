/** A first word of a command line, as the programs list them. */
export interface Group {
  readonly load: () => Promise<{ readonly verb: object }>
}

/** A verb with all the words before it. */
export interface Verb {
  readonly command: string
  readonly module: Module
}

interface Described {
  readonly name: string
  readonly describe?: string
  readonly default?: unknown
  readonly demandOption?: boolean
  readonly type?: string
  readonly choices?: readonly string[]
}

export interface Module {
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

/** All verbs of some groups with the words before them, as they are defined: `branch create <branch>`. */
export async function verbsOf(groups: readonly Group[]): Promise<readonly Verb[]> {
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

/** The section of a verb: what it does, its arguments, its options, examples. */
export function verbSection(program: string, { command, module }: Verb): string[] {
  const { positionals, options: own, examples } = record(module)
  return [
    `## \`${program} ${command}\``,
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
    ...examples.map(([line, about]) => `    ${line.replace('$0', program)}${about === '' ? '' : `    # ${about}`}`),
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
  return [name, notes.length === 0 ? describe : `${describe} (${notes.join('; ')})`.trimStart()]
}

/** A table of two columns. */
export const table = (head: string, rows: readonly (readonly [string, string])[]): string[] => [
  `| ${head} | meaning |`,
  '| --- | --- |',
  ...rows.map(([name, about]) => `| \`${name}\` | ${about.replaceAll('|', '\\|')} |`),
]
