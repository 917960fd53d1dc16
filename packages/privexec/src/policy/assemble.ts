import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Command } from '../command/command.ts'
import { toSudoers } from '../pattern/dialect.ts'
import { BoundError, type Grant, grant } from './grant.ts'
import type { Policy, Principal } from './policy.ts'
import { stateDirectory } from './variables.ts'

/** A policy file after its schema, in the shape that the schema leaves. */
export interface PolicyFile {
  readonly policy: string
  readonly summary: string
  readonly principal: { readonly user?: string; readonly group?: string; readonly service?: boolean }
  readonly runAs: string
  readonly transport: 'sudo'
  readonly audit: { readonly file: string }
  readonly grants: readonly {
    readonly command: string
    readonly where: Readonly<Record<string, unknown>>
    readonly timeout: string
  }[]
}

const seconds = { s: 1, m: 60, h: 3600 } as const
const longestTimeout = 24 * 3600

/** Makes the policy of a file that its schema accepted. Throws `BoundError` for what only all of it together can tell. */
export function assemble(file: PolicyFile, commands: readonly Command[], source?: string): Policy {
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
      return grant(name, `${name}/${command.id}${count > 1 ? `/${count}` : ''}`, command, entry.where, timeout)
    } catch (error) {
      if (!(error instanceof BoundError)) throw error
      throw new BoundError(['grants', index, ...error.path], error.message)
    }
  })
  const audit = { file: file.audit.file.replace(/^\{state\}/, () => join(stateDirectory())) }
  const decides = { name, principal, runAs, transport, rules: grants.map(ruleOf) }
  const hash = createHash('sha256').update(JSON.stringify(decides)).digest('hex')
  return {
    name,
    summary,
    principal,
    runAs,
    transport,
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

function parseTimeout(text: string): number {
  const value = Number(text.slice(0, -1)) * seconds[text.at(-1) as keyof typeof seconds]
  if (value > longestTimeout) throw new BoundError(['timeout'], 'at most 24h')
  return value
}
