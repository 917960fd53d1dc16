/** One rule of the output of `sudo -ll`, with one command. */
export interface ListedRule {
  /** As sudo writes it: `root`, `ALL`, `daemon, bin`; empty when the rule names only groups. */
  readonly runAsUsers: string
  readonly runAsGroups: string
  /** Such as `!authenticate` for NOPASSWD, `setenv`. */
  readonly options: readonly string[]
  /** Seconds. */
  readonly timeout?: number
  readonly command: string
  /** File, where this sudo tells. */
  readonly source?: string
}

/** What an account may do, as sudo lists it. */
export interface Listing {
  readonly rules: readonly ListedRule[]
  /** Whether a Defaults entry that applies to the account takes the password away. */
  readonly passwordless: boolean
}

/**
 * Reads the output of `sudo -ll`, whose layout is that of sudo 1.9 (display_privs in parse.c). Newer versions name the
 * file behind "Sudoers entry:". Undefined when it is no list.
 */
export function parseListing(text: string): Listing | undefined {
  if (/^User \S+ is not allowed to run sudo on /m.test(text)) return { rules: [], passwordless: false }
  const start = /^User \S+ may run the following commands on .*$/m.exec(text)
  if (!start) return undefined
  const defaults = /^Matching Defaults entries for .*\n((?: {4}.*\n)*)/m.exec(text)?.[1] ?? ''
  const rules: ListedRule[] = []
  let keys: Record<string, string> = {}
  let last: { command: string } | undefined
  for (const line of text.slice(start.index + start[0].length).split('\n')) {
    const head = /^(?:Sudoers entry|LDAP Role|SSSD Role): *(.*)$/.exec(line)
    const pair = /^ {4}(\w+): *(.*)$/.exec(line)
    if (head) {
      keys = head[1] ? { source: head[1] } : {}
      last = undefined
    } else if (line.startsWith('\t')) {
      last = ruleOf(keys, line.slice(1))
      rules.push(last as ListedRule)
    } else if (last && line.startsWith('        ')) last.command += ` ${line.trim()}`
    else if (pair) keys[pair[1] as string] = pair[2] as string
  }
  return { rules, passwordless: /(^|[ ,])!authenticate(,|$)/m.test(defaults) }
}

function ruleOf(keys: Readonly<Record<string, string>>, command: string): ListedRule {
  const { RunAsUsers = '', RunAsGroups = '', Options = '', Timeout, source } = keys
  return {
    runAsUsers: RunAsUsers,
    runAsGroups: RunAsGroups,
    options: Options.split(', ').filter(Boolean),
    ...(Timeout === undefined ? {} : { timeout: Number.parseInt(Timeout, 10) }),
    command,
    ...(source === undefined ? {} : { source }),
  }
}
