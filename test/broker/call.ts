import { setTimeout as delay } from 'node:timers/promises'
import { type Command, catalogue, createBroker, isPrivexecError } from '../../packages/privexec/src/index.ts'
import { testCommands } from './commands.ts'

/** One request of a test, as it comes on standard input: an array of them in JSON. */
export interface Request {
  readonly policy: string
  readonly command: string
  readonly input: Record<string, unknown>
  /** Text for the field `content`, which JSON cannot hold as bytes. */
  readonly content?: string
  /** Content that fails after some bytes. */
  readonly brokenContent?: boolean
  /** Content that never ends. */
  readonly endlessContent?: boolean
  readonly stdin?: string
  readonly timeout?: number
  readonly cancelAfter?: number
  /** Counts the bytes of both outputs by callbacks. */
  readonly stream?: boolean
}

/** What came out, with the reasons of an error. */
export type Answer = Record<string, unknown> & { readonly code?: string; readonly stdout?: string }

async function* broken() {
  yield Buffer.from('some bytes')
  throw new Error('the source broke')
}

async function* endless() {
  yield Buffer.from('some bytes')
  await delay(60_000, undefined, { ref: false })
}

async function answer(request: Request): Promise<Answer> {
  const commands = [...catalogue, ...testCommands] as readonly Command[]
  const broker = await createBroker({ policy: request.policy, commands: commands as readonly Command<never>[] })
  const command = commands.find(each => each.id === request.command) as Command
  const { content, brokenContent, stdin, timeout, cancelAfter, stream } = request
  const input = { ...request.input }
  if (content !== undefined) input.content = Buffer.from(content)
  if (brokenContent) input.content = broken()
  if (request.endlessContent) input.content = endless()
  const controller = new AbortController()
  if (cancelAfter !== undefined) delay(cancelAfter).then(() => controller.abort(new Error('enough')))
  let streamed = 0
  const count = (chunk: Buffer) => {
    streamed += chunk.length
  }
  const options = { stdin, timeout, signal: controller.signal, ...(stream ? { onStdout: count, onStderr: count } : {}) }
  try {
    return { ...(await broker.run(command, input, options)), streamed }
  } catch (error) {
    if (!isPrivexecError(error)) throw error
    return { ...error, message: error.message, streamed }
  } finally {
    await broker.close()
  }
}

const requests = JSON.parse(await new Response(process.stdin as never).text()) as Request[]
for (const request of requests) process.stdout.write(`${JSON.stringify(await answer(request))}\n`)
