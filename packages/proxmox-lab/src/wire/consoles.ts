import { randomBytes } from 'node:crypto'

/** A console that somebody asked for and has yet to open. */
export interface Console {
  readonly vmid: number
  readonly user: string
  readonly port: number
  /** Milliseconds since 1970 until which it can be opened. */
  readonly until: number
}

/** Tickets of consoles; each is good once, for ten seconds. */
export class Consoles {
  readonly #open = new Map<string, Console>()
  #nextPort = 5900

  /** Makes a ticket. */
  add(vmid: number, user: string): { readonly ticket: string; readonly port: number } {
    const ticket = `PVEVNC:${Date.now().toString(16).toUpperCase()}::${randomBytes(24).toString('base64')}`
    const port = this.#nextPort
    this.#nextPort = port >= 5999 ? 5900 : port + 1
    this.#open.set(ticket, { vmid, user, port, until: Date.now() + 10_000 })
    return { ticket, port }
  }

  /** Takes a ticket for a guest; undefined when it is not good. */
  take(ticket: string, vmid: number): Console | undefined {
    const found = this.#open.get(ticket)
    if (found === undefined || found.vmid !== vmid) return undefined
    this.#open.delete(ticket)
    return found.until < Date.now() ? undefined : found
  }
}
