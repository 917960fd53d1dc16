import { toSudoers } from '../pattern/dialect.ts'
import type { Grant } from '../policy/grant.ts'
import type { Policy } from '../policy/policy.ts'

/** A policy as a page for people: who, what, within which bounds, and the rule that sudo enforces. */
export function renderTable(policy: Policy): string {
  const { name, principal, runAs, grants } = policy
  const who = principal.kind === 'group' ? `members of the group \`${principal.name}\`` : `\`${principal.name}\``
  return [
    `# Policy ${name}`,
    '',
    `${policy.summary}. For ${who}, as \`${runAs}\`.`,
    '',
    '| command | what it does | bounds | time limit |',
    '| --- | --- | --- | --- |',
    ...grants.map(
      ({ command, where, timeout }) =>
        `| \`${command.id}\` | ${command.summary} | ${boundsText(where)} | ${duration(timeout)} |`,
    ),
    '',
    ...grants.flatMap(fieldsOf),
  ].join('\n')
}

function fieldsOf(grant: Grant): string[] {
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
