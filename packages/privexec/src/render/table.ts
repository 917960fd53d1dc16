import { toSudoers } from '../pattern/dialect.ts'
import type { Grant } from '../policy/grant.ts'
import type { Policy } from '../policy/policy.ts'

/** A policy as a page for people: who, what, within which bounds, and the rule that sudo enforces. */
export function renderTable(policy: Policy): string {
  const { name, principal, runAs, grants, transport } = policy
  const who = principal.kind === 'group' ? `members of the group \`${principal.name}\`` : `\`${principal.name}\``
  return [
    `# Policy ${name}`,
    '',
    `${policy.summary}. For ${who}, as \`${runAs}\`${transport === 'sudo' ? '' : `, by the transport \`${transport}\``}.`,
    ...(transport === 'sudo' ? [] : ['', limitsText(policy)]),
    '',
    '| command | what it does | bounds | time limit |',
    '| --- | --- | --- | --- |',
    ...grants.map(
      ({ command, where, timeout }) =>
        `| \`${command.id}\` | ${command.summary} | ${boundsText(where)} | ${duration(timeout)} |`,
    ),
    '',
    ...grants.flatMap(grant => fieldsOf(grant, transport !== 'sudo')),
  ].join('\n')
}

function limitsText({ limits }: Policy): string {
  const { running, queue, perMinute, content } = limits
  const rates = `${running} operations at the same time, ${queue} more that wait, ${perMinute} requests in a minute`
  return `At most ${rates}, ${content} bytes of content each.`
}

/** What root looks at before it runs a command; sudo has no part in that. */
function guardsOf({ command, settings }: Grant): string[] {
  const rows = command.guards.map(guard => {
    const set = Object.fromEntries(guard.settings.map(({ key }) => [key, settings[key]]))
    return `| \`${guard.name}\` | ${cell(guard.summary)} | ${boundsText(set)} |`
  })
  return rows.length === 0 ? [] : ['| guard | what must hold | settings |', '| --- | --- | --- |', ...rows, '']
}

function fieldsOf(grant: Grant, hasGuards: boolean): string[] {
  const rows = grant.slots.flatMap(slot =>
    slot.kind === 'argument' || slot.kind === 'option'
      ? [
          `| \`${slot.field}\`${slot.kind === 'option' ? ' (optional)' : ''} | ${slot.type.name} | ${cell(slot.type.allowed)} |`,
        ]
      : [],
  )
  return [
    `## ${grant.id}`,
    '',
    '| field | type | allowed |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...(hasGuards ? guardsOf(grant) : []),
    `\`${grant.command.program.executable}\` with the arguments`,
    '',
    '```',
    toSudoers(grant.pattern),
    '```',
    '',
  ]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

const boundsText = (where: Grant['where']): string =>
  Object.entries(where)
    .map(([key, value]) => `\`${key}: ${textOf(value)}\``)
    .join(', ') || 'none'

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const duration = (seconds: number): string => {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
