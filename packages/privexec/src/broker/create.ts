import type { Command } from '../command/command.ts'
import { decider } from '../decide/decide.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import type { Transport } from '../transport/transport.ts'
import { currentAccount } from './account.ts'
import { type Broker, brokerOf } from './broker.ts'
import { type Logger, silentLogger } from './logger.ts'
import { type Recorder, recorderOf } from './recorder.ts'

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
  const { commands } = options
  const policy =
    typeof options.policy === 'string'
      ? await loadPolicy(options.policy, commands ? { commands: commands as readonly Command[] } : {})
      : options.policy
  const [{ z }, recorder, transport, account] = await Promise.all([
    import('zod'),
    recorderFor(policy, options.audit),
    options.transport ?? defaultTransport(),
    currentAccount(policy),
  ])
  return brokerOf({
    policy,
    decide: decider(z, policy),
    recorder,
    transport,
    account,
    logger: options.logger ?? silentLogger,
  })
}

async function recorderFor(policy: Policy, audit: BrokerOptions['audit']): Promise<Recorder> {
  if (audit && 'intent' in audit) return audit
  const [{ openAudit }, { mkdir }, { dirname }] = await Promise.all([
    import('../audit/writer.ts'),
    import('node:fs/promises'),
    import('node:path'),
  ])
  const file = audit?.file ?? policy.audit.file
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {})
  return recorderOf(await openAudit({ file }))
}

async function defaultTransport(): Promise<Transport> {
  if (process.getuid?.() === 0) return (await import('../transport/direct/direct.ts')).directTransport
  return (await import('../transport/sudo/sudo.ts')).sudoTransport
}
