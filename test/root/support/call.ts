import { setTimeout as delay } from 'node:timers/promises'
import { type Command, catalogue, createBroker, isPrivexecError } from '../../../packages/privexec/src/index.ts'
import { rootCommands } from './commands.ts'

/** One request of a test, as it comes on standard input: an array of them in JSON. */
export interface Call {
  readonly command: string
  readonly input: Record<string, unknown>
  /** Text for the field `content`. */
  readonly content?: string
  readonly stdin?: string
  readonly timeout?: number
  readonly cancelAfter?: number
  readonly terminal?: { readonly columns: number; readonly rows: number }
  /** Counts the bytes of both outputs by callbacks. */
  readonly stream?: boolean
}

/** What came out, with the reasons of an error. */
export type Answer = Record<string, unknown> & {
  readonly code?: string
  readonly stdout: string
  readonly stderr: string
  readonly operation: string
}

const [policy = '', mode] = process.argv.slice(2)
const commands = [...catalogue, ...rootCommands] as readonly Command[]
const broker = await createBroker({
  policy: `/etc/privexec/policies.d/${policy}.yaml`,
  commands: commands as readonly Command<never>[],
})

async function answer({ content, stdin, timeout, cancelAfter, terminal, stream, ...request }: Call): Promise<object> {
  const command = commands.find(each => each.id === request.command) as Command
  const input = { ...request.input, ...(content === undefined ? {} : { content: Buffer.from(content) }) }
  const controller = new AbortController()
  if (cancelAfter !== undefined) delay(cancelAfter).then(() => controller.abort(new Error('enough')))
  let streamed = 0
  const count = (chunk: Buffer) => {
    streamed += chunk.length
  }
  const more = stream ? { onStdout: count, onStderr: count } : {}
  try {
    const result = await broker.run(command, input, { stdin, timeout, terminal, signal: controller.signal, ...more })
    return { ...result, streamed }
  } catch (error) {
    if (!isPrivexecError(error)) throw error
    return { ...error, message: error.message, streamed }
  }
}

const calls = JSON.parse(await new Response(process.stdin as never).text()) as Call[]
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)
if (mode === 'together') for (const each of await Promise.all(calls.map(answer))) print(each)
else for (const each of calls) print(await answer(each))
await broker.close()
