import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { type AuditLog, openAudit } from '../../audit/writer.ts'
import type { Logger } from '../../broker/logger.ts'
import { recorderOf } from '../../broker/recorder.ts'
import type { Command } from '../../command/command.ts'
import { decider } from '../../decide/decide.ts'
import { hostOf } from '../../guard/host.ts'
import type { Policy } from '../../policy/policy.ts'
import { messageSchemas } from '../../wire/message.ts'
import { openGate } from '../admit/gate.ts'
import { rootTransport } from '../run/spawn.ts'
import type { Service } from '../serve/service.ts'
import type { Trees } from '../tree.ts'
import { loadTrustedPolicy } from './policy.ts'

/** A policy that root serves. */
export interface Opened {
  readonly policy: Policy
  readonly log: AuditLog
  readonly service: Service
}

/** Loads an installed policy, opens its audit file, and makes what its connections share. */
export async function openService(
  name: string,
  commands: readonly Command[],
  trees: Trees,
  stop: AbortSignal,
): Promise<Opened> {
  // No code is made of text in root's process.
  z.config({ jitless: true })
  const policy = await loadTrustedPolicy(z, name, commands)
  const { file } = policy.audit
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 })
  const log = await openAudit({ file })
  const { limits } = policy
  const service: Service = {
    policy,
    decide: decider(z, policy),
    recorder: recorderOf(log),
    transport: rootTransport(trees, policy.transport),
    admission: { gate: openGate(limits), limits, host: hostOf() },
    logger: journal,
    messages: messageSchemas(z),
    stop,
  }
  return { policy, log, service }
}

/** Warnings go to standard error as lines of JSON, which the service manager keeps. */
export const journal: Logger = {
  debug: () => {},
  warn: (fields, message) => {
    process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`)
  },
}
