import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** TCP port that a normal user may listen on. */
export type Port = number & { readonly [brand]: 'port' }

/** Whether a normal user may listen on it. */
export const isPort = (port: number): port is Port => Number.isInteger(port) && port >= 1024 && port <= 65_535

/** Reads a port. Rejects with `PGD_INPUT_INVALID`. */
export function parsePort(text: string | number, field = 'port'): Port {
  const port = typeof text === 'number' ? text : /^[1-9]\d{3,4}$/.test(text) ? Number(text) : Number.NaN
  if (isPort(port)) return port
  throw invalid(field, text, 'is no port: 1024 to 65535')
}
