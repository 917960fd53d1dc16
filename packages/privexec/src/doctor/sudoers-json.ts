/** A member of a list: an object with one key that names its kind, and perhaps `negated`. */
export type Member = Readonly<Record<string, string | number | boolean>>

/** The part of the output of `cvtsudoers -f json` that is looked at (cvtsudoers(1)). */
export interface SudoersJson {
  readonly Defaults?: readonly {
    readonly Binding?: readonly Member[]
    readonly Options?: readonly Readonly<Record<string, unknown>>[]
  }[]
  readonly User_Aliases?: Readonly<Record<string, readonly Member[]>>
  readonly Command_Aliases?: Readonly<Record<string, readonly Member[]>>
  readonly User_Specs?: readonly {
    readonly User_List?: readonly Member[]
    readonly Cmnd_Specs?: readonly { readonly Commands?: readonly Member[] }[]
  }[]
}

/** Reads the output of cvtsudoers; undefined when it is none. */
export function parseSudoersJson(text: string): SudoersJson | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Aliases of all files together: sudo resolves a name wherever it was defined. */
export interface Aliases {
  readonly users: ReadonlyMap<string, readonly Member[]>
  readonly commands: ReadonlyMap<string, readonly Member[]>
}

/** Collects the aliases of several files. */
export function aliasesOf(files: readonly SudoersJson[]): Aliases {
  const all = (key: 'User_Aliases' | 'Command_Aliases') =>
    new Map(files.flatMap(file => Object.entries(file[key] ?? {})))
  return { users: all('User_Aliases'), commands: all('Command_Aliases') }
}

/** Whether a list means what `is` recognises; the last member that matches decides, as in sudo. */
export function matches(
  members: readonly Member[],
  aliases: ReadonlyMap<string, readonly Member[]>,
  aliasKey: string,
  is: (member: Member) => boolean,
  depth = 0,
): boolean {
  let answer = false
  for (const member of members) {
    const name = member[aliasKey]
    const list = typeof name === 'string' ? aliases.get(name) : undefined
    const hit = list && depth < 32 ? matches(list, aliases, aliasKey, is, depth + 1) : is(member)
    if (hit) answer = member.negated !== true
  }
  return answer
}

/** The commands of a list with its aliases resolved, as sudoers text. */
export function commandsIn(members: readonly Member[], aliases: Aliases, depth = 0): string[] {
  return members.flatMap(member => {
    const { cmndalias, command, negated } = member
    const list = typeof cmndalias === 'string' ? aliases.commands.get(cmndalias) : undefined
    if (list && depth < 32) return commandsIn(list, aliases, depth + 1)
    return [`${negated === true ? '!' : ''}${command ?? cmndalias ?? '?'}`]
  })
}

/** Names and values of the settings of a Defaults entry. */
export function optionsOf(options: readonly Readonly<Record<string, unknown>>[]): [name: string, value: unknown][] {
  return options.flatMap(option => Object.entries(option).filter(([name]) => name !== 'operation'))
}
