// A program of an account that uses the library: reads requests from standard input, writes one answer a line.
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, catalogue, createBroker, isPrivexecError } from '../../../packages/privexec/src/index.ts'
import { testCommands } from './commands.ts'
import { readPolicy } from './scene.ts'

/** One request. */
export interface Request {
  readonly command: string
  /** Any value, since attacks give the wrong ones. */
  readonly input: unknown
  /** Text for the field `content`, which JSON cannot hold as bytes. */
  readonly content?: string
  readonly stdin?: string
  readonly timeout?: number
  readonly cancelAfter?: number
  readonly caller?: { readonly id: string; readonly name: string }
  /** Takes standard output by a callback and only counts it. */
  readonly counts?: boolean
}

/** What a client is told. */
export interface Session {
  readonly policy: string
  readonly requests: readonly Request[]
  /** Audit file instead of the policy's. */
  readonly audit?: string
}

/** What came of a request: the fields of a result or of an error, and figures of the client. */
export type Answer = Readonly<Record<string, unknown>> & {
  readonly code?: string
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly message?: string
  /** Length of the whole standard output, of which `stdout` is the beginning. */
  readonly collected: number
  /** Bytes that the callback got, and what the resident memory grew by at its highest, in bytes. */
  readonly counted: number
  readonly grown: number
}

async function main(): Promise<void> {
  const session = JSON.parse(await new Response(process.stdin as never).text()) as Session
  const policy = await readPolicy(session.policy)
  const broker = await createBroker({ policy, ...(session.audit ? { audit: { file: session.audit } } : {}) })
  const commands = [...catalogue, ...testCommands] as readonly Command[]
  for (const request of session.requests) {
    const { content, stdin, timeout, cancelAfter, caller, counts } = request
    const command = commands.find(each => each.id === request.command) as Command
    const input =
      content === undefined ? request.input : { ...(request.input as object), content: Buffer.from(content) }
    const controller = new AbortController()
    if (cancelAfter !== undefined) delay(cancelAfter).then(() => controller.abort(new Error('enough')))
    const before = process.memoryUsage.rss()
    let [counted, most] = [0, before]
    const onStdout = (chunk: Buffer) => {
      counted += chunk.length
      most = Math.max(most, process.memoryUsage.rss())
    }
    const options = { stdin, timeout, caller, signal: controller.signal, ...(counts ? { onStdout } : {}) }
    const answer = await broker.run(command, input, options).catch((error: unknown) => {
      if (!isPrivexecError(error)) throw error
      return { ...error, message: error.message }
    })
    const all = String((answer as { stdout?: string }).stdout ?? '')
    const figures = { stdout: all.slice(0, 65_536), collected: all.length, counted, grown: most - before }
    process.stdout.write(`${JSON.stringify({ ...answer, ...figures })}\n`)
  }
  await broker.close()
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    if (!isPrivexecError(error)) throw error
    process.stdout.write(
      `${JSON.stringify({ ...error, message: error.message, collected: 0, counted: 0, grown: 0 })}\n`,
    )
  })
}
