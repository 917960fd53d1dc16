import type { Duplex } from 'node:stream'
import { brokerOf } from '../../broker/broker.ts'
import type { Command } from '../../command/command.ts'
import { contentField } from '../../command/slots.ts'
import { isPrivexecError, PrivexecError } from '../../errors/error.ts'
import type { RunOptions } from '../../execute/options.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Exit, Running, Transport } from '../../transport/transport.ts'
import { dataFrames, encodeJson } from '../../wire/frame.ts'
import type { Request } from '../../wire/message.ts'
import { admission } from '../admit/admission.ts'
import { outcomeOf, refusalOf } from './answer.ts'
import { recordRefusal } from './deny.ts'
import { type Conversation, receive } from './receive.ts'
import type { Asker, Service } from './service.ts'

/**
 * Serves one connection: one request, its streams, its outcome. Resolves when all of it is recorded. Never rejects. It
 * receives while it is still being found out who asks, and does nothing with it before that is known.
 */
export async function serve(stream: Duplex, who: Asker | Promise<Asker>, service: Service): Promise<void> {
  const conversation = receive(stream, service)
  const { channel } = conversation
  let asker: Asker = { uid: -1, name: 'unknown', isPrincipal: false }
  try {
    asker = await who
    if (!asker.isPrincipal) throw strangerError(service.policy)
    service.transport.prepare?.()
    const request = await conversation.request
    service.admission.gate.count()
    channel.finish(await operate(conversation, request, asker, service))
  } catch (error) {
    const operation = await recordRefusal(service, asker, error)
    channel.finish(encodeJson('refused', { ...refusalOf(error), operation }))
  }
}

const strangerError = ({ name, principal }: Policy): PrivexecError =>
  new PrivexecError('PRIVEXEC_PEER_REFUSED', `The policy ${name} is for the ${principal.kind} ${principal.name}`)

/** Sees a request through; resolves with the last frame. */
async function operate(at: Conversation, request: Request, asker: Asker, service: Service): Promise<Buffer> {
  const { channel } = at
  let operation: string | undefined
  let running: Running | undefined
  let exit: Exit | undefined
  const transport = announcing(service.transport, (frame, started) => {
    running = started
    started.exited.then(how => {
      exit = how
    })
    channel.send(frame)
  })
  const broker = brokerOf({
    ...service,
    decide: (...question) => {
      const decision = service.decide(...question)
      operation = decision.operation
      return decision
    },
    account: asker,
    transport,
    admit: admission(service.admission, ({ operation }) => channel.send(encodeJson('accepted', { operation }))),
  })
  const command = { id: request.command } as Command
  const result = await broker
    .run(command, inputOf(at, request, service), optionsOf(at, request, service))
    .catch((error: Error) => error)
  if (result instanceof Error && !isPrivexecError(result)) {
    service.logger.warn({ command: request.command, error: result.stack }, 'the root-side broker failed')
  }
  if (running) return encodeJson('outcome', outcomeOf(result, exit))
  return encodeJson('refused', { ...refusalOf(result), operation })
}

function optionsOf({ channel, input, signal, sizes }: Conversation, request: Request, service: Service): RunOptions {
  const pass = (name: 'stdout' | 'stderr') => async (chunk: Buffer) => {
    for (const frame of dataFrames(name, chunk)) await channel.send(frame)
  }
  const { timeout, terminal, caller } = request
  return {
    signal: AbortSignal.any([signal, service.stop]),
    onStdout: pass('stdout'),
    onStderr: pass('stderr'),
    timeout,
    caller: caller as RunOptions['caller'],
    ...(request.stdin ? { stdin: input.bytes } : {}),
    ...(terminal ? { terminal: { ...terminal, resizes: sizes } } : {}),
  }
}

/** Puts what comes in frames in the place of the field that holds content, when a grant of this command has one. */
function inputOf(at: Conversation, { command, input }: Request, { policy }: Service): unknown {
  const grant = policy.grants.find(each => each.command.id === command)
  const field = grant && contentField(grant.slots)
  if (field === undefined || Object.hasOwn(input, field)) return input
  return { ...input, [field]: at.input.bytes }
}

/** A transport that says when it has started something. What cannot be said is not started. */
const announcing = (transport: Transport, announce: (frame: Buffer, running: Running) => void): Transport => ({
  ...transport,
  start: async (request, policy, options) => {
    const frame = encodeJson('started', { argv: request.argv })
    const running = await transport.start(request, policy, options)
    announce(frame, running)
    return running
  },
})
