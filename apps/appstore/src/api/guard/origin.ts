import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { FastifyRequest } from 'fastify'
import { AppstoreError } from '../../errors/error.ts'

/** Names by which the daemon is asked: those of the configuration, of the machine, and of loopback. */
export function knownNames(configured: readonly string[], address: string): ReadonlySet<string> {
  const machine = hostname().toLowerCase()
  const own = isIP(address) !== 0 && !['0.0.0.0', '::'].includes(address) ? [address] : []
  return new Set([...configured.map(name => name.toLowerCase()), ...own, machine, 'localhost', '127.0.0.1', '::1'])
}

/**
 * Refuses requests for another name, which is what a name that was made to point here (DNS rebinding) has, and requests
 * that a page from elsewhere makes a browser send.
 * @throws {AppstoreError} `APPSTORE_FORBIDDEN`
 */
export function checkOrigin(request: FastifyRequest, names: ReadonlySet<string>): void {
  const { host, origin, upgrade } = request.headers
  const [name] = nameAndPort(host ?? '')
  if (name === undefined || !names.has(name)) {
    throw new AppstoreError('APPSTORE_FORBIDDEN', 'The daemon is not known by that name', {
      hint: 'Add the name to listen.names of the configuration',
    })
  }
  const isSafe = ['GET', 'HEAD'].includes(request.method) && upgrade === undefined
  if (isSafe || origin === undefined) return
  if (origin !== `https://${host}`) throw new AppstoreError('APPSTORE_FORBIDDEN', 'The request comes from another page')
}

/** `example.org:8443`, `[::1]:8443`: the name in small letters, without brackets. */
function nameAndPort(host: string): readonly [name: string | undefined, port: string | undefined] {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(host) ?? []
  return [(bracketed ?? plain)?.toLowerCase(), port]
}
