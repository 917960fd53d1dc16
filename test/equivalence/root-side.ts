import type { AuditFacts } from '../../packages/privexec/src/audit/record.ts'
import { silentLogger } from '../../packages/privexec/src/broker/logger.ts'
import { catalogue } from '../../packages/privexec/src/catalogue/index.ts'
import type { Command } from '../../packages/privexec/src/command/command.ts'
import { decider } from '../../packages/privexec/src/decide/decide.ts'
import { type ErrorCode, PrivexecError } from '../../packages/privexec/src/index.ts'
import { toJson } from '../../packages/privexec/src/policy/json.ts'
import { policyJson } from '../../packages/privexec/src/policy/load.ts'
import { policyOf } from '../../packages/privexec/src/policy/read.ts'
import type { Service } from '../../packages/privexec/src/root/serve/service.ts'
import { serve } from '../../packages/privexec/src/root/serve/session.ts'
import { readJson } from '../../packages/privexec/src/wire/json.ts'
import { messageSchemas, type Refusal } from '../../packages/privexec/src/wire/message.ts'
import { z } from '../../packages/privexec/test/support/zod.ts'
import { Connection } from './connection.ts'
import type { Shipped } from './rules.ts'

/** Stands for the operation id, which is another each time. */
export const noOperation: string = '0'.repeat(32)

/** What root's side says to a request before anything is run. */
export interface Answer {
  readonly allowed: boolean
  /** Why not. */
  readonly code?: ErrorCode
  /** What would be started, with `noOperation` as the operation id; absent where that cannot be seen. */
  readonly argv?: readonly string[]
}

/** The text of NAME.json of a shipped policy, were its transport one of the root-side broker's. */
export async function rootPolicyText(
  { policy: { name }, text }: Pick<Shipped, 'policy' | 'text'>,
  transport: 'daemon' | 'portable' = 'daemon',
): Promise<string> {
  const data = JSON.parse(await policyJson(text)) as Record<string, unknown>
  const grants = (data.grants as { command: string }[]).map(grant =>
    grant.command.startsWith('pct.') ? { ...grant, guard: { pool: 'appstore' } } : grant,
  )
  return toJson({ ...data, grants, transport, audit: { file: `/var/log/privexec/root-${name}/audit.jsonl` } })
}

/** The root-side broker of a policy, as far as it goes before limits and guards: frames in, decision out. */
export interface RootSide {
  /** Sends the bytes of a connection, cut at some places, and waits for the answer. */
  ask(chunks: readonly Buffer[]): Promise<Answer>
}

/** Makes root's side from the text of NAME.json, with zod as root has it. */
export function rootSide(json: string): RootSide {
  const { jitless } = z.config()
  z.config({ jitless: true })
  const policy = policyOf(z, readJson(Buffer.from(json)), {
    commands: catalogue as readonly Command[],
    report: (path, message) => {
      throw new Error(`${path.join('.')}: ${message}`)
    },
  })
  if (!policy) throw new Error('no policy')
  let facts: AuditFacts | undefined
  const service: Service = {
    policy,
    decide: decider(z, policy),
    recorder: {
      intent: () => Promise.reject(new Error('nothing is run here')),
      outcome: () => Promise.reject(new Error('nothing is run here')),
      denial: async denied => {
        facts = denied
      },
      close: async () => {},
    },
    transport: { name: 'daemon', hasTerminals: true, start: () => Promise.reject(new Error('nothing is run here')) },
    admission: { gate: closedGate, limits: policy.limits, host: noHost },
    logger: silentLogger,
    messages: messageSchemas(z),
    stop: new AbortController().signal,
  }
  z.config({ jitless: jitless ?? false })
  const asker = { uid: 1000, name: policy.principal.name, isPrincipal: true }
  return {
    ask: async chunks => {
      facts = undefined
      const stream = new Connection()
      const served = serve(stream, asker, service)
      for (const chunk of chunks) stream.push(chunk)
      await served
      stream.destroy()
      const { code } = readJson(stream.payload('root', 'refused')) as Refusal
      if (code !== letIn) return { allowed: false, code }
      const { argv = [], operation } = facts ?? ({} as Partial<AuditFacts>)
      return { allowed: true, argv: argv.map(text => text.replaceAll(operation ?? '', noOperation)) }
    },
  }
}

/** What an authorised request meets, instead of limits and guards. */
const letIn = 'PRIVEXEC_BUSY'

const closedGate = {
  count: () => {},
  enter: () => {
    throw new PrivexecError(letIn, 'authorised')
  },
} as unknown as Service['admission']['gate']

const noHost = {} as Service['admission']['host']
