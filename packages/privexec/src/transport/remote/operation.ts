import { type Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { contentField } from '../../command/slots.ts'
import type { Allowed } from '../../decide/decision.ts'
import { PrivexecError } from '../../errors/error.ts'
import { openChannel } from '../../wire/channel.ts'
import { encodeFrame, encodeJson, type Frame } from '../../wire/frame.ts'
import { readJson } from '../../wire/json.ts'
import {
  type Message,
  type Outcome,
  protocolVersion,
  type Refusal,
  type Request,
  type TerminalSize,
} from '../../wire/message.ts'
import type { Ending, Exit, Running, StartOptions } from '../transport.ts'
import { InputSender } from './input.ts'
import { openOutput } from './output.ts'

/** How long root may take to say that it ended an operation, in milliseconds. */
const patience = 15_000

/**
 * Asks root's side, over a connection, to carry out a request. Resolves when root has started it; throws the refusal
 * otherwise, which is final. What `lost` gives is thrown when the connection ends before root said anything. The
 * connection is closed in the end, whatever comes of it.
 */
export async function startRemotely(
  stream: Duplex,
  request: Allowed,
  options: StartOptions,
  lost: () => Promise<Error> | Error,
): Promise<Running> {
  const { promise: started, resolve, reject } = Promise.withResolvers<Running>()
  const { promise: exited, resolve: exit } = Promise.withResolvers<Exit>()
  const question = questionOf(stream, request, options)
  const { signal, terminal } = options
  const output = openOutput(stream)
  let operation: string | undefined
  let isOver = false
  let isCancelled = false

  const over = (how: Exit) => {
    if (isOver) return
    isOver = true
    input.destroy()
    output.end()
    signal?.removeEventListener('abort', cancel)
    exit(how)
    stream.end()
  }
  const cancel = () => {
    if (isCancelled || isOver) return
    isCancelled = true
    channel.send(encodeFrame('cancel'))
    const timer = setTimeout(() => stream.destroy(), patience)
    exited.then(() => clearTimeout(timer))
  }
  const refuse = (error: Error) => {
    reject(error)
    over({ fault: { kind: 'lost', text: 'nothing was started' } })
  }
  const lose = (text: string) => {
    const details = { command: request.command.id, operation: operation ?? '', ended: false }
    reject(new PrivexecError('PRIVEXEC_STATUS_LOST', `${request.command.id}: ${text}`, details))
    over({ fault: { kind: 'lost', text }, ended: false })
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
      case 'stdout':
      case 'stderr':
        output[name].push(payload)
    }
  }
  const channel = openChannel(stream, 'root', {
    frame: take,
    end: async error => {
      if (isOver) return
      if (operation === undefined) refuse(await lost())
      else lose(error ? error.message : 'the connection to root ended')
    },
  })
  const input = new InputSender(channel)
  const send = (content: NonNullable<Allowed['staged']>['content']) => {
    const source = content instanceof Uint8Array ? Readable.from([content]) : content
    pipeline(source, input).catch(cause => {
      if (isOver) return
      reject(new PrivexecError('PRIVEXEC_STREAM_FAILED', 'The content could not be read', { cause }))
      cancel()
    })
  }
  const passSizes = async (resizes: AsyncIterable<TerminalSize>) => {
    for await (const { columns, rows } of resizes) {
      if (isOver) return
      channel.send(encodeJson('resize', { columns, rows }))
    }
  }

  signal?.addEventListener('abort', cancel, { once: true })
  channel.send(question)
  // Sizes that fail are no more than a picture of the wrong size.
  if (terminal?.resizes) passSizes(terminal.resizes).catch(() => {})
  return started
}

/** The first frame. Throws, and closes the connection, when there can be none. */
function questionOf(stream: Duplex, request: Allowed, options: StartOptions): Buffer {
  const { id } = request.command
  try {
    if (options.signal?.aborted) throw new PrivexecError('PRIVEXEC_CANCELLED', `${id} was cancelled before it began`)
    return encodeJson('request', requestOf(request, options))
  } catch (cause) {
    stream.destroy()
    if (!(cause instanceof RangeError)) throw cause
    throw new PrivexecError('PRIVEXEC_ARGUMENT_INVALID', `${id}: the input is longer than a request may be`, { cause })
  }
}

/** The request as root wants it: typed input without the content, which follows. */
function requestOf({ command, values, grant }: Allowed, options: StartOptions): Request {
  const input: Record<string, unknown> = { ...values }
  const content = contentField(grant.slots)
  if (content !== undefined) delete input[content]
  const { timeout, terminal, stdin, caller } = options
  return {
    protocol: protocolVersion,
    command: command.id,
    input,
    timeout,
    ...(stdin === undefined ? {} : { stdin: true }),
    ...(terminal ? { terminal: { columns: terminal.columns, rows: terminal.rows } } : {}),
    ...(caller ? { caller: { id: personal(caller.id), name: personal(caller.name) } } : {}),
  }
}

/** A text about a person as the protocol takes it; the audit record has less of it anyway. */
const personal = (text: string | undefined) => text?.slice(0, 4096).toWellFormed()

function exitOf({ exitCode, signal, interruption, lost, missing, ended, recorded }: Outcome): Exit {
  const why = interruption === undefined || interruption === 'stopped' ? {} : { interruption }
  if (lost !== undefined) return { fault: { kind: 'lost', text: lost }, ended, ...why }
  if (missing !== undefined) return { fault: { kind: 'missing', program: missing }, ended }
  if (!recorded) return { fault: { kind: 'unrecorded' }, ended }
  // Whatever the program then said of itself, root ended it.
  if (exitCode === undefined || interruption === 'stopped') {
    return { signal: (signal ?? 'SIGKILL') as NodeJS.Signals, ended, ...why }
  }
  return { exitCode, ended, ...why }
}

const refusalError = ({ command }: Allowed, { code, message, field, operation }: Refusal): PrivexecError =>
  new PrivexecError(code, message, {
    command: command.id,
    ended: true,
    ...(field === undefined ? {} : { field }),
    ...(operation === undefined ? {} : { operation }),
  })
