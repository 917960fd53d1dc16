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
import type { Transport } from '../../transport/transport.ts'
import { messageSchemas } from '../../wire/message.ts'
import { openGate } from '../admit/gate.ts'
import type { Service } from '../serve/service.ts'
import { loadTrustedPolicy } from './policy.ts'

/** A policy that root serves. */
export interface Opened {
  readonly policy: Policy
  readonly log: AuditLog
  /** What its connections share. */
  serviceBy(transport: Transport): Service
}

/** Loads an installed policy and opens its audit file. */
export async function openPolicy(name: string, commands: readonly Command[], stop: AbortSignal): Promise<Opened> {
  // No code is made of text in root's process.
  z.config({ jitless: true })
  const policy = await loadTrustedPolicy(z, name, commands)
  const { file } = policy.audit
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 })
  const log = await openAudit({ file })
  const { limits } = policy
  const serviceBy = (transport: Transport): Service => ({
    policy,
    decide: decider(z, policy),
    recorder: recorderOf(log),
    transport,
    admission: { gate: openGate(limits), limits, host: hostOf() },
    logger: journal,
    messages: messageSchemas(z),
    stop,
  })
  return { policy, log, serviceBy }
}

/** Warnings go to standard error as lines of JSON, which the service manager keeps. */
export const journal: Logger = {
  debug: () => {},
  warn: (fields, message) => {
    process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`)
  },
}
