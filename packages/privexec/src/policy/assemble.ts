import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Zod } from '../argument/type.ts'
import type { Command } from '../command/command.ts'
import { toSudoers } from '../pattern/dialect.ts'
import { BoundError, type Grant, grant } from './grant.ts'
import { defaultLimits } from './limits.ts'
import type { Limits, Policy, Principal, TransportName } from './policy.ts'
import { settingsOf } from './settings.ts'
import { stateDirectory } from './variables.ts'

/** A policy file after its schema, in the shape that the schema leaves. */
export interface PolicyFile {
  readonly policy: string
  readonly summary: string
  readonly principal: { readonly user?: string; readonly group?: string; readonly service?: boolean }
  readonly runAs: string
  readonly transport: TransportName
  readonly limits?: Limits | undefined
  readonly audit: { readonly file: string }
  readonly grants: readonly {
    readonly command: string
    readonly where: Readonly<Record<string, unknown>>
    readonly guard?: Readonly<Record<string, unknown>> | undefined
    readonly timeout: string
  }[]
}

const seconds = { s: 1, m: 60, h: 3600 } as const
/** Seconds that a policy may give one operation. */
export const longestTimeout = 24 * 3600

/**
 * Makes the policy of a file that its schema accepted and in which the transport fits the rest. Throws `BoundError` for
 * what only a whole grant can tell.
 */
export function assemble(zod: Zod, file: PolicyFile, commands: readonly Command[], source?: string): Policy {
  const { policy: name, summary, runAs, transport } = file
  const principal: Principal = {
    kind: file.principal.user === undefined ? 'group' : 'user',
    name: file.principal.user ?? file.principal.group ?? '',
    service: file.principal.service ?? false,
  }
  const times = new Map<string, number>()
  const grants = file.grants.map((entry, index): Grant => {
    const command = commands.find(each => each.id === entry.command)
    if (!command) throw new BoundError(['grants', index], 'there is no such command')
    const count = (times.get(command.id) ?? 0) + 1
    times.set(command.id, count)
    try {
      const timeout = parseTimeout(entry.timeout)
      const id = `${name}/${command.id}${count > 1 ? `/${count}` : ''}`
      const settings = transport === 'sudo' ? {} : settingsOf(zod, command).parse(entry.guard ?? {})
      return grant(name, id, command, entry.where, timeout, settings)
    } catch (error) {
      if (!(error instanceof BoundError)) throw error
      throw new BoundError(['grants', index, ...error.path], error.message)
    }
  })
  const audit = { file: file.audit.file.replace(/^\{state\}/, () => join(stateDirectory())) }
  const limits = file.limits ?? defaultLimits
  const rules = grants.map(ruleOf)
  // What sudo knows nothing of decides nothing there.
  const more = transport === 'sudo' ? {} : { limits, guards: grants.map(guardsOf) }
  const decides = { name, principal, runAs, transport, rules, ...more }
  const hash = createHash('sha256').update(JSON.stringify(decides)).digest('hex')
  return {
    name,
    summary,
    principal,
    runAs,
    transport,
    limits,
    audit,
    grants,
    hash,
    ...(source === undefined ? {} : { source }),
  }
}

const ruleOf = ({ id, command, pattern, timeout }: Grant) => [
  id,
  command.program.executable,
  toSudoers(pattern),
  timeout,
]

const guardsOf = ({ command, settings }: Grant) => [command.guards.map(({ name }) => name), settings]

function parseTimeout(text: string): number {
  const value = Number(text.slice(0, -1)) * seconds[text.at(-1) as keyof typeof seconds]
  if (value > longestTimeout) throw new BoundError(['timeout'], 'at most 24h')
  return value
}
