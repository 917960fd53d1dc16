import { type Api, bind } from '../api/bind.ts'
import { calls } from '../api/calls.ts'
import { type Console, type ConsoleOptions, openConsole, type SocketFactory } from '../console/open.ts'
import { ProxmoxError } from '../errors/error.ts'
import type { Send, SendOptions } from '../request/send.ts'
import { type FollowOptions, finishTask, followTask, stopTask } from '../tasks/follow.ts'
import type { TaskResult } from '../tasks/result.ts'
import { type NodeName, nodeName } from '../values/names.ts'

/** The Proxmox API as one token sees it. All methods may run at once. */
export interface Proxmox extends Api {
  /** Node that requests without a node are for. */
  node(options?: SendOptions): Promise<NodeName>
  /** The same connection with another node. */
  on(node: string): Proxmox
  readonly send: Send
  /** Waits for a task, and tells how it ended; resolves for failed ones, too. */
  follow(upid: string, options?: FollowOptions): Promise<TaskResult>
  /** Waits for a task; rejects with `PROXMOX_TASK_FAILED` and the like unless it ended well. */
  finish(upid: string, options?: FollowOptions): Promise<TaskResult>
  /** Stops a task, and waits until it has ended. */
  stopTask(upid: string): Promise<TaskResult>
  /** Opens a terminal in a running container; needs VM.Console. */
  console(options: ConsoleOptions): Promise<Console>
  /** Closes the connections; requests that run are cancelled. */
  close(): Promise<void>
}

export interface ClientParts {
  readonly send: Send
  readonly node?: string | undefined
  readonly socket: SocketFactory
  readonly close: () => Promise<void>
}

/** Makes a client of its parts. */
export function makeClient({ send, node: fixed, socket, close }: ClientParts): Proxmox {
  let found = fixed === undefined ? undefined : Promise.resolve(nodeName(fixed))
  const node = (options?: SendOptions): Promise<NodeName> => {
    if (found !== undefined) return found
    const search = findNode(send, options)
    found = search
    // Somebody's cancelled or failed search is not the answer for all.
    search.catch(() => {
      if (found === search) found = undefined
    })
    return search
  }
  const api = bind(send, node)
  return {
    ...api,
    node,
    send,
    on: other => makeClient({ send, node: other, socket, close }),
    follow: (upid, options) => followTask(api, upid, options),
    finish: (upid, options) => finishTask(api, upid, options),
    stopTask: upid => stopTask(api, upid),
    console: options => openConsole(api, node, socket, options),
    close,
  }
}

/** The only node; of several, the one that answers, which takes Sys.Audit to find out. */
async function findNode(send: Send, options?: SendOptions): Promise<NodeName> {
  const nodes = await send(calls.nodes.list.call({}), options)
  const [only, ...more] = nodes
  if (only === undefined) throw new ProxmoxError('PROXMOX_NOT_FOUND', 'Proxmox lists no node', { subject: 'node' })
  if (more.length === 0) return only.node
  const members = await send(calls.cluster.status.call({}), options)
  const local = members.find(member => member.type === 'node' && member.local === true)
  if (local === undefined)
    throw new ProxmoxError('PROXMOX_INPUT_INVALID', 'node: there are several, name one', { field: 'node' })
  return nodeName(local.name)
}
