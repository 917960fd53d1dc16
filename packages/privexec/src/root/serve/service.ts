import type { Account } from '../../broker/account.ts'
import type { Logger } from '../../broker/logger.ts'
import type { Recorder } from '../../broker/recorder.ts'
import type { Decider } from '../../decide/decide.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Transport } from '../../transport/transport.ts'
import type { messageSchemas } from '../../wire/message.ts'
import type { Admission } from '../admit/admission.ts'

/** What all connections of a policy share. */
export interface Service {
  readonly policy: Policy
  readonly decide: Decider
  readonly recorder: Recorder
  readonly transport: Transport
  readonly admission: Admission
  readonly logger: Logger
  readonly messages: Pick<ReturnType<typeof messageSchemas>, 'request' | 'resize'>
  /** Aborts when this process is to end, and operations with it. */
  readonly stop: AbortSignal
}

/** Who asks, as the kernel or sudo says. */
export type Asker = Account
