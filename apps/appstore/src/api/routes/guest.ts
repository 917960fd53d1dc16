import { z } from 'zod'
import type { Api, ApiParts } from '../app.ts'
import { openStream } from '../stream.ts'
import { me } from './access.ts'

const byId = z.object({ id: z.string().max(63) })
const size = (longest: number, usual: number) => z.coerce.number().int().min(1).max(longest).default(usual)

/** What resizes a terminal; all else that a page sends is typed. */
const control = z.strictObject({ columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) })

/** What is used of a WebSocket (of the package ws). */
interface Socket {
  readonly readyState: number
  readonly OPEN: number
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'close', listener: () => void): unknown
  send(data: Buffer): void
  close(code: number, reason?: string): void
}

/** Log and terminal of a guest. */
export function guestRoutes(api: Api, { appstore: { installs } }: ApiParts): void {
  api.get(
    '/installs/:id/logs',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Log of the guest, as server-sent events',
        params: byId,
        querystring: z.strictObject({
          lines: z.coerce.number().int().min(1).max(5000).default(200),
          follow: z.stringbool().default(false),
        }),
      },
    },
    async (request, reply) => {
      const { lines, follow } = request.query
      const end = new AbortController()
      const log = installs.logs(request.params.id, { lines, follow, signal: end.signal })[Symbol.asyncIterator]()
      // The first line decides between an answer and an error.
      const first = await log.next()
      const stream = openStream(reply)
      stream.onClose(() => end.abort())
      const send = (line: string): void => stream.send(undefined, 'line', JSON.stringify(line))
      if (!first.done) send(first.value)
      void (async () => {
        try {
          for (let next = await log.next(); !next.done; next = await log.next()) send(next.value)
        } catch (error) {
          stream.send(undefined, 'problem', JSON.stringify((error as Error).message))
        } finally {
          stream.end()
        }
      })()
      return reply
    },
  )

  api.get(
    '/installs/:id/terminal',
    {
      websocket: true,
      config: { need: 'console' },
      schema: {
        summary: 'A shell in the guest, by WebSocket',
        description: 'Binary messages are typed and shown. A text message `{"columns":80,"rows":24}` resizes.',
        params: byId,
        querystring: z.strictObject({ columns: size(1000, 80), rows: size(1000, 24) }),
      },
    } as object,
    (async (socket: Socket, request: never) => {
      const { params, query } = request as { params: { id: string }; query: { columns: number; rows: number } }
      const early: string[] = []
      let type = (text: string): void => void early.push(text)
      let resize: ((columns: number, rows: number) => void) | undefined
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) return type(data.toString('utf8'))
        const parsed = control.safeParse(tryJson(data.toString('utf8')))
        if (parsed.success) resize?.(parsed.data.columns, parsed.data.rows)
      })
      try {
        const terminal = await installs.terminal(
          params.id,
          { ...query, onData: bytes => socket.send(bytes), onClose: () => socket.close(1000) },
          { principal: me(request).name },
        )
        socket.on('close', () => terminal.close())
        if (socket.readyState !== socket.OPEN) return terminal.close()
        resize = terminal.resize
        type = text => terminal.write(text)
        for (const text of early.splice(0)) type(text)
      } catch (error) {
        socket.close(1011, (error as Error).message.slice(0, 120))
      }
    }) as never,
  )
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
