import { request } from 'node:https'

/** What one follower of a job saw. */
export interface Seen {
  /** Numbers of the events, in the order in which they came. */
  readonly numbers: readonly number[]
  /** Milliseconds between an event and its arrival, of those that were told while it followed. */
  readonly delays: readonly number[]
}

/** Follows a job over a connection of its own. `seen` resolves with the end of the stream, the call when it has begun. */
export function follow(port: number, token: string, job: string): Promise<{ readonly seen: Promise<Seen> }> {
  const began = Promise.withResolvers<{ seen: Promise<Seen> }>()
  const over = Promise.withResolvers<Seen>()
  const sent = request(
    {
      ...{ host: '127.0.0.1', port, path: `/api/v1/jobs/${job}/events`, rejectUnauthorized: false, agent: false },
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    },
    answer => {
      if (answer.statusCode !== 200) return began.reject(new Error(`a follower was answered ${answer.statusCode}`))
      const start = Date.now()
      const numbers: number[] = []
      const delays: number[] = []
      let rest = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        const now = Date.now()
        const frames = (rest + chunk).split('\n\n')
        rest = frames.pop() ?? ''
        for (const frame of frames) {
          const [, number, at] = /^id: (\d+)\n.*"at":(\d+)/s.exec(frame) ?? []
          if (number === undefined) continue
          numbers.push(Number(number))
          if (Number(at) > start) delays.push(now - Number(at))
        }
      })
      answer.on('end', () => over.resolve({ numbers, delays }))
      answer.on('error', over.reject)
      began.resolve({ seen: over.promise })
    },
  )
  sent.on('error', began.reject)
  sent.end()
  return began.promise
}
