import { escapeValue } from '../errors/escape.ts'
import { dropInPath } from '../render/sudoers.ts'
import type { Account } from './accounts.ts'
import type { Check, Context } from './context.ts'
import { type Findings, findings } from './finding.ts'
import { mayOverlap, splitCommand } from './overlap.ts'
import { expectedRules } from './rights.ts'
import { settings } from './settings.ts'
import { readSudoers, type Segment } from './sudoers-files.ts'
import {
  type Aliases,
  aliasesOf,
  commandsIn,
  type Member,
  matches,
  optionsOf,
  parseSudoersJson,
  type SudoersJson,
} from './sudoers-json.ts'

const cvtsudoers = '/usr/bin/cvtsudoers'

interface Stretch extends Segment {
  readonly json: SudoersJson
}

/**
 * The other files that sudo reads: errors in them, and what in them touches our commands. A later rule or setting wins
 * over an earlier one, so the order of the files decides.
 */
export const neighboursCheck: Check = async context => {
  const found = findings('neighbours')
  const { machine, policy } = context
  const { segments, unreadable } = await readSudoers(machine)
  for (const file of unreadable) found.unknown(`${file} cannot be read by this account`)
  const ours = dropInPath(policy.name)
  const stretches: Stretch[] = []
  for (const segment of segments) {
    const { exitCode, stdout, stderr } = await machine.run([cvtsudoers, '-f', 'json', '-'], segment.text)
    if (exitCode === undefined) {
      found.unknown(`${cvtsudoers} cannot be started, so other files were not read`)
      return found.list
    }
    // A file of comments gives no output at all.
    const json = exitCode === 0 ? parseSudoersJson(stdout || '{}') : undefined
    if (json) stretches.push({ ...segment, json })
    else {
      const place = /^stdin:(\d+:\d+: [^\n]*)$/m.exec(stderr)?.[1] ?? stderr.trim()
      found.add(
        segment.file === ours ? 'error' : 'warning',
        `${segment.file}: sudo cannot read it (${escapeValue(place, 160)}) and says so at every call`,
        `Correct it: visudo -f ${segment.file}`,
      )
    }
  }
  const at = stretches.findLastIndex(({ file }) => file === ours)
  const aliases = aliasesOf(stretches.map(({ json }) => json))
  const own = new Set(
    (stretches[at]?.json.Defaults ?? []).flatMap(({ Options = [] }) => optionsOf(Options).map(([name]) => name)),
  )
  for (const [index, stretch] of stretches.entries()) {
    if (stretch.file === ours) continue
    judgeSettings(found, stretch, at >= 0 && index > at, own, aliases, context)
    judgeRules(found, stretch, at >= 0 && index > at, aliases, context)
  }
  const files = [...new Set(stretches.map(({ file }) => file))].filter(file => file !== ours)
  found.okIfNone(`Nothing touches our rules in ${files.join(', ') || 'other files'} (cvtsudoers)`)
  return found.list
}

function judgeSettings(
  found: Findings,
  { file, json }: Stretch,
  later: boolean,
  own: ReadonlySet<string>,
  aliases: Aliases,
  context: Context,
): void {
  for (const { Binding = [], Options = [] } of json.Defaults ?? []) {
    const forCommands = Binding.some(member => 'command' in member || 'cmndalias' in member)
    if (
      Binding.length > 0 &&
      !(forCommands ? overlaps(Binding, aliases, context) : concerns(Binding, aliases, context))
    ) {
      continue
    }
    const options = optionsOf(Options)
    for (const [name, value] of options) {
      const known = settings[name]
      if (known && (known.when === 'on') === (value !== false)) {
        found.add(known.level, `${file}: ${textOf([[name, value]])}: ${known.why}`, 'Remove it, or bind it to others')
      }
    }
    if (!later || Binding.length === 0) continue
    const wins = options.filter(([name]) => own.has(name))
    if (wins.length > 0 && (forCommands || context.policy.principal.service)) {
      found.add(
        forCommands ? 'error' : 'warning',
        `${file}: ${textOf(wins)} is for our ${forCommands ? 'commands' : 'principal'}, is read after the drop-in, and so wins`,
        'Remove it, or read it before the drop-in',
      )
    } else if (forCommands) found.warning(`${file}: ${textOf(options)} is for our commands`)
  }
}

const textOf = (options: readonly [string, unknown][]): string =>
  `Defaults ${options.map(([name, value]) => (value === false ? `!${name}` : name)).join(', ')}`

function judgeRules(
  found: Findings,
  { file, json }: Stretch,
  later: boolean,
  aliases: Aliases,
  context: Context,
): void {
  for (const { User_List = [], Cmnd_Specs = [] } of json.User_Specs ?? []) {
    if (!concerns(User_List, aliases, context)) continue
    const commands = Cmnd_Specs.map(({ Commands = [] }) => Commands)
    const shown = escapeValue(commands.flatMap(list => commandsIn(list, aliases)).join(', '), 160)
    if (later && commands.some(list => overlaps(list, aliases, context))) {
      found.error(
        `${file} is read after the drop-in and has a rule for the principal that covers our commands: ${shown}`,
        'The last rule that matches wins: remove it, or give the file a name that sorts before privexec_',
      )
    } else found.note(`${file} has a rule for the principal: ${shown}`, 'The check of rights judges it')
  }
}

/** Whether a list of users, or the binding of a setting, means an account of the principal, or the account run as. */
function concerns(members: readonly Member[], aliases: Aliases, { accounts, policy }: Context): boolean {
  const { principal, runAs } = policy
  const named = ({ username, usergroup, userid, usergid, netgroup, hostname, hostalias, networkaddr }: Member) => {
    // Which host a name means is sudo's affair; a setting for some host may be one for this.
    if (hostname !== undefined || hostalias !== undefined || networkaddr !== undefined) return true
    if (username === 'ALL' || netgroup !== undefined) return true
    if (username === runAs && runAs !== 'root') return true
    if (principal.kind === 'group' ? usergroup === principal.name : username === principal.name) return true
    const is = ({ name, uid, gid, groups }: Account) =>
      username === name || userid === uid || usergid === gid || groups.includes(String(usergroup))
    return accounts.some(is)
  }
  return matches(members, aliases.users, 'useralias', named)
}

/** Whether a list of commands may mean one of ours. */
function overlaps(members: readonly Member[], aliases: Aliases, { policy }: Context): boolean {
  const ours = expectedRules(policy).map(({ command }) => splitCommand(command))
  const alias = `PRIVEXEC_${policy.name.toUpperCase()}`
  const is = ({ command, cmndalias }: Member): boolean => {
    if (typeof cmndalias === 'string') return cmndalias === alias || cmndalias.startsWith(`${alias}_`)
    const theirs = splitCommand(String(command))
    return ours.some(each => mayOverlap(each, theirs))
  }
  return matches(members, aliases.commands, 'cmndalias', is)
}
