import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { throwIfCancelled } from '../errors/cancel.ts'
import { PgdError } from '../errors/error.ts'
import type { Port } from '../names/port.ts'
import type { Locks } from './locks.ts'

/** A port that nobody else is being given, until it is released. */
export interface Claim {
  readonly port: Port
  /** To be called when the port stands in the facts of a branch, or is not needed. */
  release(): void
}

export interface PortWish {
  /** Ports of all branches; asked after a port was claimed, so that none is missed that was given meanwhile. */
  readonly used: () => Promise<ReadonlySet<number>>
  /** What it is for, such as `shop/dev`: the same gets the same port where that is free. */
  readonly seed: string
  /** This one or none. */
  readonly port?: Port
  /** First and last port to choose from, 6500 to 7499 by default. */
  readonly range?: readonly [Port, Port]
  readonly signal?: AbortSignal | undefined
}

const usualRange = [6500, 7499] as const

/**
 * Allots a port that no branch has, that nobody else is being given now, and that nothing listens on. Rejects with
 * `PGD_PORT_TAKEN`.
 */
export async function allotPort(locks: Locks, wish: PortWish): Promise<Claim> {
  let known: ReadonlySet<number> = new Set()
  for (const port of candidates(wish)) {
    throwIfCancelled(wish.signal)
    if (known.has(port)) continue
    const release = locks.take({ name: `port:${port}`, mode: 'exclusive' }, `port ${port}`)
    if (release === undefined) continue
    try {
      known = await wish.used()
      if (!known.has(port) && (await isFree(port))) return { port, release }
    } catch (error) {
      release()
      throw error
    }
    release()
  }
  if (wish.port !== undefined) {
    throw new PgdError('PGD_PORT_TAKEN', `The port ${wish.port} is taken`, {
      field: 'port',
      hint: 'Choose another port',
    })
  }
  const [first, last] = wish.range ?? usualRange
  throw new PgdError('PGD_PORT_TAKEN', `All ports from ${first} to ${last} are taken`, { hint: 'Give one: --port N' })
}

/** A port that is claimed before it is known what is used, so that who looks at all branches anyway looks once. */
export interface EarlyClaim {
  /** The port, or another one where it is used; `known` must be what was there after the claim. */
  among(known: ReadonlySet<number>): Promise<Port>
  release(): void
}

/** Claims the port that a wish would get if nobody had one. */
export function claimEarly(locks: Locks, wish: PortWish): EarlyClaim {
  const [first] = candidates(wish)
  let release = first && locks.take({ name: `port:${first}`, mode: 'exclusive' }, `port ${first}`)
  return {
    among: async known => {
      if (release !== undefined && first !== undefined && !known.has(first) && (await isFree(first))) return first
      release?.()
      const other = await allotPort(locks, wish)
      release = other.release
      return other.port
    },
    release: () => release?.(),
  }
}

/** All ports of the range, from one on that the seed determines. */
function* candidates({ seed, port, range }: PortWish): Generator<Port> {
  if (port !== undefined) return yield port
  const [first, last] = range ?? usualRange
  const count = last - first + 1
  const begin = createHash('sha256').update(seed).digest().readUInt32BE() % count
  for (let i = 0; i < count; i += 1) yield (first + ((begin + i) % count)) as Port
}

/** Whether nothing listens on a port, on neither loopback address. */
export async function isFree(port: number): Promise<boolean> {
  const both = await Promise.all(['127.0.0.1', '::1'].map(host => canListen(host, port)))
  return both.every(can => can)
}

function canListen(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  // A machine without IPv6 has nobody who listens there.
  server.once('error', ({ code }: NodeJS.ErrnoException) =>
    resolve(code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'),
  )
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
