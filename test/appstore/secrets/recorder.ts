import { request } from 'node:https'

/** An answer of the API, and which secrets it is for. */
export interface Recorded {
  readonly asked: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly tells: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly json: any
}

export interface Ask {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Names of canaries that this answer is there to tell. */
  readonly tells?: readonly string[]
}

/** Asks the API of a daemon, and keeps every answer. */
export class Recorder {
  readonly answers: Recorded[] = []
  readonly #port: number
  /** Sent with every request. */
  headers: Record<string, string> = {}

  constructor(port: number) {
    this.#port = port
  }

  ask(method: string, path: string, { body, headers = {}, tells = [] }: Ask = {}): Promise<Recorded> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options = {
      ...{ host: '127.0.0.1', port: this.#port, method, path, rejectUnauthorized: false, agent: false },
      headers: {
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
    }
    return new Promise((resolve, reject) => {
      const sent = request(options, answer => {
        const chunks: Buffer[] = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const all = Buffer.concat(chunks).toString('latin1')
          const isJson = /json/.test(String(answer.headers['content-type'])) && all !== ''
          const recorded: Recorded = {
            ...{
              asked: `${method} ${path}`,
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: all,
              tells,
            },
            json: isJson ? JSON.parse(Buffer.from(all, 'latin1').toString()) : undefined,
          }
          this.answers.push(recorded)
          resolve(recorded)
        })
      })
      sent.on('error', reject)
      sent.end(text)
    })
  }

  /** As {@link ask}, where only success will do. */
  async must(method: string, path: string, options?: Ask): Promise<Recorded> {
    const answer = await this.ask(method, path, options)
    if (answer.status < 300) return answer
    throw new Error(`${answer.asked}: ${answer.status} ${answer.text}`)
  }

  /** Follows a job to its end by server-sent events, and gives it back. */
  async ended(id: string): Promise<Recorded['json']> {
    await this.must('GET', `/api/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } })
    return (await this.must('GET', `/api/v1/jobs/${id}`)).json
  }
}
