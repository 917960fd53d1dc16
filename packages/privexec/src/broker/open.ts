import type { Command } from '../command/command.ts'
import { decider } from '../decide/decide.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import type { Transport } from '../transport/transport.ts'
import { currentAccount } from './account.ts'
import { type Broker, brokerOf } from './broker.ts'
import type { BrokerOptions } from './create.ts'
import { silentLogger } from './logger.ts'
import { type Recorder, recorderOf, silentRecorder } from './recorder.ts'

/** Loads what a broker is made of, and makes one. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { commands } = options
  const policy =
    typeof options.policy === 'string'
      ? await loadPolicy(options.policy, commands ? { commands: commands as readonly Command[] } : {})
      : options.policy
  const [{ z }, recorder, transport, account] = await Promise.all([
    import('zod'),
    recorderFor(policy, options.audit),
    options.transport ?? transportOf(policy),
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

/** Where root has a side of its own, it records; what was refused here it has never heard of. */
async function recorderFor(policy: Policy, audit: BrokerOptions['audit']): Promise<Recorder> {
  if (audit && 'intent' in audit) return audit
  if (policy.transport !== 'sudo' && !audit) return silentRecorder
  const [{ openAudit }, { mkdir }, { dirname }] = await Promise.all([
    import('../audit/writer.ts'),
    import('node:fs/promises'),
    import('node:path'),
  ])
  const file = audit?.file ?? policy.audit.file
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {})
  return recorderOf(await openAudit({ file }))
}

/** The transport that the policy names, and no other: what root's side refuses must not be tried through sudo. */
async function transportOf(policy: Policy): Promise<Transport> {
  if (policy.transport === 'daemon') return (await import('../transport/daemon/daemon.ts')).daemonTransport
  if (policy.transport === 'portable') return (await import('../transport/portable/portable.ts')).portableTransport
  if (process.getuid?.() === 0) return (await import('../transport/direct/direct.ts')).directTransport
  return (await import('../transport/sudo/sudo.ts')).sudoTransport
}
