import { type ConnectOptions, connect, type Session } from './connect.ts'

/** A connection that is begun before it is known whether it will be the right one. */
export interface Early {
  /** The early session where it is the wanted one and still answers, else a new one; whoever gets it ends it. */
  connect(options: ConnectOptions): Promise<Session>
  /** Ends the early session where nobody took it. */
  end(): Promise<void>
}

/** Begins to connect; that nothing answers there is no failure. */
export function connectEarly(options: ConnectOptions): Early {
  let waiting: Promise<Session | undefined> = connect(options).catch(() => undefined)
  const take = (): Promise<Session | undefined> => {
    const taken = waiting
    waiting = Promise.resolve(undefined)
    return taken
  }
  return {
    connect: async wanted => {
      const session = wanted.run === options.run ? await take() : undefined
      if (session === undefined) return connect(wanted)
      try {
        await session.query('SELECT 1')
        return session
      } catch {
        await session.end()
        return connect(wanted)
      }
    },
    end: async () => (await take())?.end(),
  }
}
