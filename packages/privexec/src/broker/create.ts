import type { Command } from '../command/command.ts'
import type { Policy } from '../policy/policy.ts'
import type { Transport } from '../transport/transport.ts'
import type { Broker } from './broker.ts'
import type { Logger } from './logger.ts'
import type { Recorder } from './recorder.ts'

/** Options of a broker. */
export interface BrokerOptions {
  /** Path of a policy file, or a policy that was loaded. */
  readonly policy: string | Policy
  /** Commands that the policy file may grant; the catalogue by default. */
  readonly commands?: readonly Command<never>[]
  /** How an argv becomes a process; sudo by default, or no detour for root. */
  readonly transport?: Transport
  /** Audit file instead of the policy's. */
  readonly audit?: { readonly file: string } | Recorder
  /** Operational messages; none by default. A pino logger fits. */
  readonly logger?: Logger
}

/**
 * Makes a broker for one policy. Rejects with `PRIVEXEC_POLICY_INVALID`, `PRIVEXEC_POLICY_UNREADABLE` or
 * `PRIVEXEC_AUDIT_UNAVAILABLE`.
 */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  // All that a broker is made of is loaded here, so that a program that only may need one does not wait for it.
  const { openBroker } = await import('./open.ts')
  return openBroker(options)
}
