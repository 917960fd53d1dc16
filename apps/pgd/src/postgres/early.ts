import { type ConnectOptions, connect, type Session } from './connect.ts'

/** A connection that is begun before it is known whether it will be the right one. */
export interface Early {
  /** The early session where it is the wanted one and still answers, else a new one; whoever gets it ends it. */
  connect(options: ConnectOptions): Promise<Session>
  /** Ends the early session where nobody took it, and waits for no server that does not answer. */
  end(): Promise<void>
}

/** Begins to connect; that nothing answers there is no failure. */
export function connectEarly(options: ConnectOptions & { readonly signal: AbortSignal }): Early {
  const unwanted = new AbortController()
  const signal = AbortSignal.any([options.signal, unwanted.signal])
  let session: Session | undefined
  const connecting = connect({ ...options, signal }).then(
    made => {
      session = made
    },
    () => {},
  )
  const take = (): Session | undefined => {
    const taken = session
    session = undefined
    return taken
  }
  return {
    connect: async wanted => {
      if (wanted.run !== options.run) return connect(wanted)
      await connecting
      const taken = take()
      if (taken === undefined) return connect(wanted)
      try {
        await taken.query('SELECT 1')
        return taken
      } catch {
        await taken.end()
        return connect(wanted)
      }
    },
    end: async () => {
      const left = take()
      // One that is still being made is broken off.
      if (left === undefined) unwanted.abort()
      await connecting
      await left?.end()
    },
  }
}
