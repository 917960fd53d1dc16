import { access } from 'node:fs/promises'
import { Agent, type AgentOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { isPgdError, PgdError } from '../../errors/error.ts'
import { EngineRefusal, engineGone, isAbsent, isUnchanged, reasonOf } from './failure.ts'
import { engineSockets } from './sockets.ts'
import { readTraits, type Traits } from './traits.ts'

/**
 * The one module that speaks with an engine. Every call rejects with `PGD_RUNTIME_UNAVAILABLE` when the engine is gone, and
 * with `EngineRefusal` when it refuses; what must be gone or ended already may be so.
 */
export interface Engine {
  readonly socket: string
  readonly traits: Traits
  /** Undefined when it is not there. */
  image(name: string): Promise<Docker.ImageInspectInfo | undefined>
  /** Fetches an image; `onLine` is told of what the engine says meanwhile. */
  pull(name: string, onLine: (line: string) => void, signal?: AbortSignal): Promise<void>
  /** Undefined when it is not there. */
  network(name: string): Promise<Docker.NetworkInspectInfo | undefined>
  createNetwork(options: Docker.NetworkCreateOptions): Promise<void>
  /** Resolves to the id. */
  create(options: Docker.ContainerCreateOptions): Promise<string>
  start(id: string): Promise<void>
  /** By name or id; undefined when it is not there. */
  container(name: string): Promise<Docker.ContainerInspectInfo | undefined>
  /** All containers with all these labels, whatever their state. */
  list(labels: Readonly<Record<string, string>>): Promise<Docker.ContainerInfo[]>
  /** Ends it by its stop signal, by force after `seconds`. */
  stop(id: string, seconds: number): Promise<void>
  /** Ends it by force, and removes it with its anonymous volumes. */
  remove(id: string): Promise<void>
  /** Framed, the last `lines` lines; empty when it is not there. */
  log(id: string, lines: number): Promise<Buffer>
  /** The framed output of a container that is not started yet, and its input. */
  attach(id: string, hasInput: boolean): Promise<Duplex>
  /**
   * Settles with the exit status when a started container ends. Does not keep this process alive, which may end while
   * the server goes on.
   */
  whenEnded(id: string): Promise<number>
  /**
   * Settles, with another promise, once the engine will tell the exit status of a container that is not started yet, and
   * that it removes by itself; that one settles when it is removed. With `signal` nobody asks any more: Podman never
   * answers for a container that was removed before it started.
   */
  whenRemoved(id: string, signal?: AbortSignal): Promise<{ readonly exit: Promise<number> }>
}

/** The first engine that answers. Rejects with `PGD_RUNTIME_UNAVAILABLE` and what each said. */
export async function findEngine(env: Readonly<Record<string, string | undefined>>): Promise<Engine> {
  const tried: string[] = []
  for (const socket of engineSockets(env)) {
    try {
      return await openEngine(socket)
    } catch (error) {
      if (!isPgdError(error)) throw error
      tried.push(`${socket} ${reasonOf(error.cause)}`)
    }
  }
  const isForbidden = tried.some(line => line.endsWith(reasonOf({ code: 'EACCES' })))
  const hint = isForbidden
    ? { hint: 'An administrator lets this account use Docker: usermod --append --groups docker' }
    : {}
  throw new PgdError('PGD_RUNTIME_UNAVAILABLE', `No container engine answers: ${tried.join('; ')}`, hint)
}

/** The engine at a socket. */
export async function openEngine(socket: string): Promise<Engine> {
  // The client takes as long to load as all the rest; most machines have no engine, or one.
  await access(socket).catch(cause => {
    throw engineGone(socket, cause)
  })
  const { default: Client } = await import('dockerode')
  const options = { socketPath: socket, host: undefined, port: undefined, protocol: 'http' as const }
  const client = new Client({
    ...options,
    // Docker closes a connection that has not been used for minutes, and a question that crosses that is lost.
    agent: new Agent({ ...agentOptions, keepAlive: true, timeout: longestIdle }),
  } as Docker.DockerOptions)
  const waiting = new Client({ ...options, agent: new QuietAgent(agentOptions) } as Docker.DockerOptions)

  async function ask<T>(question: Promise<T>): Promise<T> {
    try {
      return await question
    } catch (error) {
      throw asFailure(socket, error)
    }
  }
  const unless = async (isFine: (error: unknown) => boolean, question: Promise<unknown>): Promise<void> => {
    await ask(question).catch(error => {
      if (!isFine(error)) throw error
    })
  }
  const orNothing = <T>(question: Promise<T>): Promise<T | undefined> =>
    ask(question).catch(error => {
      if (!isAbsent(error)) throw error
      return undefined
    })

  const removeContainer = async (id: string): Promise<void> => {
    // 409: it is being removed already, by the engine or by somebody else.
    const isGoing = (error: unknown): boolean => error instanceof EngineRefusal && error.status === 409
    await unless(error => isAbsent(error) || isGoing(error), client.getContainer(id).remove({ force: true, v: true }))
  }

  const traits = readTraits(await ask(client.info()))
  return {
    socket,
    traits,
    image: name => orNothing(client.getImage(name).inspect()),
    pull: (name, onLine, signal) => ask(pull(client, name, onLine, signal)),
    network: name => orNothing(client.getNetwork(name).inspect()),
    createNetwork: async options => void (await ask(client.createNetwork(options))),
    create: async options => (await ask(client.createContainer(options))).id,
    start: id => ask(client.getContainer(id).start()),
    container: name => orNothing(client.getContainer(name).inspect()),
    list: labels => {
      const label = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`))
      return ask(client.listContainers({ all: true, filters: { label } }))
    },
    stop: (id, seconds) =>
      unless(error => isAbsent(error) || isUnchanged(error), client.getContainer(id).stop({ t: Math.ceil(seconds) })),
    remove: removeContainer,
    log: async (id, lines) => {
      const options = { stdout: true, stderr: true, tail: lines, follow: false } as const
      return (await orNothing<Buffer>(client.getContainer(id).logs(options))) ?? Buffer.alloc(0)
    },
    attach: (id, hasInput) => {
      const options = { stream: true, stdin: hasInput, stdout: true, stderr: true, hijack: true }
      return ask(client.getContainer(id).attach(options) as Promise<Duplex>)
    },
    whenEnded: async id => {
      const { exit } = await ask(registerWait(waiting, id, 'not-running'))
      return ask(exit)
    },
    whenRemoved: async (id, signal) => {
      // Podman forgets the status of a container that is removed, and says 0.
      const isPodman = traits.name === 'podman'
      const { exit } = await ask(registerWait(client, id, isPodman ? 'next-exit' : 'removed', signal))
      const asked = isPodman ? ask(exit).finally(() => removeContainer(id)) : ask(exit)
      // Who waits for it may be busy with the output until then.
      asked.catch(() => {})
      return { exit: asked }
    },
  }
}

/** How long an unused connection is kept, in milliseconds; one that waits for an answer has no limit by this. */
const longestIdle = 10_000

/** With a name for the server, Node does not look whether it is an address, by an expression that takes 4 ms to compile. */
const agentOptions = { servername: '' } as AgentOptions

/** Connections that do not keep this process alive. */
class QuietAgent extends Agent {
  override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    const socket = super.createConnection(...args)
    ;(socket as Socket).unref()
    return socket
  }
}

/** As docker-modem reports an answer that is no success. */
interface Refused {
  readonly statusCode?: number
  readonly json?: { readonly message?: unknown }
  readonly message: string
}

function asFailure(socket: string, error: unknown): unknown {
  if (isPgdError(error) || error instanceof EngineRefusal) return error
  const { statusCode, json: answer, message } = error as Refused
  if (statusCode === undefined) return engineGone(socket, error)
  return new EngineRefusal(statusCode, typeof answer?.message === 'string' ? answer.message : message.trim())
}

/** Errors of a pull come within its answer, as a line with `error`. */
async function pull(
  client: Docker,
  name: string,
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stream = await client.pull(name, signal === undefined ? {} : { abortSignal: signal })
  await new Promise<void>((resolve, reject) => {
    const finished = (error: Error | null): void => (error ? reject(error) : resolve())
    client.modem.followProgress(stream, finished, (event: { status?: string; id?: string; error?: string }) => {
      if (event.error !== undefined) reject(new EngineRefusal(500, event.error))
      else if (event.status !== undefined)
        onLine(event.id === undefined ? event.status : `${event.id}: ${event.status}`)
    })
  })
}

/**
 * The head of the answer comes at once, and says that the engine waits; the body when the container is so far. It is read
 * here, since docker-modem waits for ever for an answer that breaks off.
 */
async function registerWait(
  client: Docker,
  id: string,
  condition: 'removed' | 'next-exit' | 'not-running',
  signal?: AbortSignal,
): Promise<{ readonly exit: Promise<number> }> {
  const request = {
    path: `/containers/${id}/wait?`,
    options: { condition },
    method: 'POST',
    isStream: true,
    ...(signal === undefined ? {} : { abortSignal: signal }),
    statusCodes: { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' },
  } as const
  const answer = await new Promise<Readable>((resolve, reject) => {
    client.modem.dial(request, (error, result) => (error ? reject(error) : resolve(result as Readable)))
  })
  return { exit: json(answer).then(exitStatusOf) }
}

/** A status that is not told is none: an engine that lost it writes 0, and an error beside it. */
function exitStatusOf(end: unknown): number {
  const { StatusCode: status, Error: failure } = (end ?? {}) as { StatusCode?: unknown; Error?: { Message?: unknown } }
  if (failure != null) throw new EngineRefusal(404, String(failure.Message))
  if (typeof status !== 'number') throw new EngineRefusal(500, 'the engine did not say the exit status')
  return status
}
