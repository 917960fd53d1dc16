import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Allowed } from '../../decide/decision.ts'
import { PrivexecError } from '../../errors/error.ts'
import { openChannel } from '../../wire/channel.ts'
import { encodeFrame, encodeJson, type Frame } from '../../wire/frame.ts'
import { readJson } from '../../wire/json.ts'
import { type Message, type Outcome, protocolVersion, type Refusal, type Request } from '../../wire/message.ts'
import type { Ending, Exit, Running, StartOptions } from '../transport.ts'
import { InputSender } from './input.ts'
import { openOutput } from './output.ts'

/** How long root may take to say that it ended an operation, in milliseconds. */
const patience = 15_000

/**
 * Asks root's side, over a connection, to carry out a request. Resolves when root has started it; throws the refusal
 * otherwise, which is final. `lost` is thrown when the connection ends before root said anything.
 */
export function startRemotely(
  stream: Duplex,
  request: Allowed,
  options: StartOptions,
  lost: () => Promise<unknown> | unknown,
): Promise<Running> {
  const { promise: started, resolve, reject } = Promise.withResolvers<Running>()
  const { promise: exited, resolve: exit } = Promise.withResolvers<Exit>()
  const output = openOutput(stream)
  let operation: string | undefined
  let isOver = false

  const over = (how: Exit) => {
    if (isOver) return
    isOver = true
    input.refuse()
    output.end()
    options.signal?.removeEventListener('abort', cancel)
    exit(how)
    stream.end()
  }
  const cancel = () => {
    channel.send(encodeFrame('cancel'))
    const timer = setTimeout(() => stream.destroy(), patience)
    exited.then(() => clearTimeout(timer))
  }
  const refuse = (error: unknown) => {
    reject(error)
    over({ fault: { kind: 'lost', text: 'nothing was started' } })
  }
  const end = async (): Promise<Ending> => {
    // Whoever cancels does not read on, and root cannot say how it ended behind output that nobody takes.
    output.stdout.resume()
    output.stderr.resume()
    cancel()
    const { ended, fault } = await exited
    return { complete: ended ?? fault === undefined, processes: 0 }
  }
  const take = ({ name, payload }: Frame) => {
    switch (name) {
      case 'accepted':
        operation = (readJson(payload) as Message<'accepted'>).operation
        if (request.staged) send(request.staged.content)
        break
      case 'credit':
        input.addCredit(payload.readUInt32BE())
        break
      case 'started': {
        const { argv } = readJson(payload) as Message<'started'>
        const { stdout, stderr } = output
        const known = { operation: operation ?? '', argv }
        resolve({ stdin: input, stdout, stderr, exited, end, keepsTime: true, known })
        break
      }
      case 'outcome':
        over(exitOf(readJson(payload) as Outcome))
        break
      case 'refused':
        refuse(refusalError(request, readJson(payload) as Refusal))
        break
      default:
        output[name as 'stdout' | 'stderr'].push(payload)
    }
  }
  const channel = openChannel(stream, 'root', {
    frame: take,
    end: async error => {
      const text = error ? error.message : 'the connection to root ended'
      if (operation === undefined) refuse(await lost())
      else {
        const details = { command: request.command.id, operation, ended: false }
        reject(new PrivexecError('PRIVEXEC_STATUS_LOST', `${request.command.id}: ${text}`, details))
        over({ fault: { kind: 'lost', text } })
      }
    },
  })
  const input = new InputSender(channel)
  input.on('error', () => {})
  const send = (content: NonNullable<Allowed['staged']>['content']) => {
    const source = content instanceof Uint8Array ? Readable.from([content]) : content
    pipeline(source, input).catch(cause => {
      if (isOver) return
      reject(new PrivexecError('PRIVEXEC_STREAM_FAILED', 'The content could not be read', { cause }))
      cancel()
    })
  }

  if (options.signal?.aborted) cancel()
  else options.signal?.addEventListener('abort', cancel, { once: true })
  channel.send(encodeJson('request', requestOf(request, options)))
  if (options.terminal?.resizes) passSizes(options.terminal.resizes)
  return started

  async function passSizes(resizes: NonNullable<NonNullable<StartOptions['terminal']>['resizes']>): Promise<void> {
    for await (const { columns, rows } of resizes) {
      if (isOver) return
      channel.send(encodeJson('resize', { columns, rows }))
    }
  }
}

/** The request as root wants it: typed input without the content, which follows. */
function requestOf({ command, values, grant }: Allowed, options: StartOptions): Request {
  const content = grant.slots.find(slot => slot.kind === 'argument' && slot.type.staged)
  const input: Record<string, unknown> = { ...values }
  if (content?.kind === 'argument') delete input[content.field]
  const { timeout, terminal, stdin, caller } = options
  return {
    protocol: protocolVersion,
    command: command.id,
    input,
    timeout,
    ...(stdin === undefined ? {} : { stdin: true }),
    ...(terminal ? { terminal: { columns: terminal.columns, rows: terminal.rows } } : {}),
    ...(caller ? { caller: { id: caller.id?.slice(0, 4096), name: caller.name?.slice(0, 4096) } } : {}),
  }
}

function exitOf({ exitCode, signal, interruption, lost, missing, ended, recorded }: Outcome): Exit {
  if (lost !== undefined) return { fault: { kind: 'lost', text: lost }, ended }
  if (missing !== undefined) return { fault: { kind: 'missing', program: missing }, ended }
  if (!recorded) return { fault: { kind: 'unrecorded' }, ended }
  const isOurs = interruption === 'timedOut' || interruption === 'cancelled'
  const how = exitCode === undefined ? { signal: (signal ?? 'SIGKILL') as NodeJS.Signals } : { exitCode }
  return { ...how, ended, ...(isOurs ? { interruption } : {}) }
}

const refusalError = ({ command }: Allowed, { code, message, field, operation }: Refusal): PrivexecError =>
  new PrivexecError(code, message, {
    command: command.id,
    ended: true,
    ...(field === undefined ? {} : { field }),
    ...(operation === undefined ? {} : { operation }),
  })
