import type { WebSocket } from 'undici'
import type { Api } from '../api/bind.ts'
import { ProxmoxError } from '../errors/error.ts'
import type { SendOptions } from '../request/send.ts'
import type { NodeName } from '../values/names.ts'
import { vmid as toVmid } from '../values/vmid.ts'
import { alive, greeting, resized, typed, welcome } from './protocol.ts'

/** Opens a socket at a path below the origin, with the token. */
export type SocketFactory = (path: string) => WebSocket

export interface ConsoleOptions {
  readonly vmid: number
  readonly node?: string | undefined
  /** Gets the terminal's output as it comes. */
  readonly onData: (data: Buffer) => void
  /** Called once, when the terminal has ended or the connection was lost. */
  readonly onClose?: (() => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the terminal must be there, default 10 000. */
  readonly timeout?: number | undefined
}

/** A terminal that is open. */
export interface Console {
  write(text: string): void
  resize(columns: number, rows: number): void
  close(): void
}

/** Milliseconds between signs of life; termproxy's page uses the same. */
const pulse = 30_000

/**
 * Opens a terminal in a container. Rejects with `PROXMOX_CONSOLE_REFUSED` when the socket is closed before the terminal
 * is there: Proxmox 8 and 9 check the ticket by a call that takes no API token for a user.
 */
export async function openConsole(
  api: Api,
  nodeOf: (options?: SendOptions) => Promise<NodeName>,
  socketAt: SocketFactory,
  options: ConsoleOptions,
): Promise<Console> {
  const { onData, onClose, signal, timeout = 10_000 } = options
  const vmid = toVmid(options.vmid)
  const node = options.node ?? (await nodeOf({ signal }))
  const { port, ticket, user } = await api.lxc.termproxy({ vmid, node }, { signal })
  const query = new URLSearchParams({ port: String(port), vncticket: ticket.reveal() })
  const path = `/api2/json/nodes/${encodeURIComponent(node)}/lxc/${vmid}/vncwebsocket`
  const socket = socketAt(`${path}?${query}`)
  socket.binaryType = 'arraybuffer'

  return new Promise((resolve, reject) => {
    let isOpen = false
    let pulsing: NodeJS.Timeout | undefined
    const end = (error: ProxmoxError): void => {
      clearTimeout(timer)
      clearInterval(pulsing)
      signal?.removeEventListener('abort', cancel)
      if (!isOpen) reject(error)
      else onClose?.()
      isOpen = false
    }
    const fail = (code: ProxmoxError['code'], why: string): ProxmoxError =>
      new ProxmoxError(code, `console of ${vmid}: ${why}`, { path })
    const cancel = (): void => socket.close()
    const timer = setTimeout(() => {
      end(fail('PROXMOX_TIMED_OUT', 'no terminal in time'))
      socket.close()
    }, timeout)
    signal?.addEventListener('abort', cancel, { once: true })

    socket.addEventListener('open', () => socket.send(greeting(user, ticket.reveal())))
    socket.addEventListener('error', () => end(fail('PROXMOX_CONSOLE_REFUSED', 'the socket failed')))
    socket.addEventListener('close', () =>
      end(
        signal?.aborted
          ? fail('PROXMOX_CANCELLED', 'given up')
          : fail('PROXMOX_CONSOLE_REFUSED', 'the socket was closed'),
      ),
    )
    socket.addEventListener('message', ({ data }) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as ArrayBuffer)
      if (isOpen) return onData(bytes)
      const output = welcome(bytes)
      if (output === undefined) return socket.close()
      isOpen = true
      clearTimeout(timer)
      pulsing = setInterval(() => socket.send(alive), pulse).unref()
      resolve({
        write: text => socket.send(typed(text)),
        resize: (columns, rows) => socket.send(resized(columns, rows)),
        close: () => socket.close(),
      })
      if (output.length > 0) onData(output)
    })
  })
}
