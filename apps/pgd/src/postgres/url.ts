import type { Connection } from '../api.ts'

/** A URL for libpq and for clients that read the same; the server's identity is verified by `sslRootCert`. */
export function connectionUrl(connection: Omit<Connection, 'url'>): string {
  const { host, port, user, password, database, sslRootCert } = connection
  const quoted = encodeURIComponent
  // An IPv6 address stands in brackets, as in every URL.
  const at = host.includes(':') ? `[${host}]` : quoted(host)
  const options = `sslmode=verify-full&sslrootcert=${quoted(sslRootCert)}`
  return `postgresql://${quoted(user)}:${quoted(password)}@${at}:${port}/${quoted(database)}?${options}`
}
