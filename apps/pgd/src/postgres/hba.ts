import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../errors/error.ts'

/**
 * pg_hba.conf. Over the socket, whoever `pg_ident.conf` names; over TCP, everybody with a password and TLS, on whatever
 * address the server listens. Nothing else matches, so nothing else comes in, replication included.
 */
export const hbaText = `local all all peer map=pgd
hostssl all all 0.0.0.0/0 scram-sha-256
hostssl all all ::/0 scram-sha-256
`

/**
 * pg_ident.conf: the account may be `postgres`, and nobody else. `account` is the name that the server finds for its own
 * uid. Rejects with `PGD_REFUSED` for a name that this file could not hold as it is: a leading `/` makes it an expression.
 */
export function identText(account: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@\\$-]*$/.test(account)) return `pgd "${account}" postgres\n`
  const message = `the name of this account, ${escapeValue(account)}, cannot be written into pg_ident.conf`
  throw new PgdError('PGD_REFUSED', message, { hint: 'Use an account whose name has letters, digits and _ . @ - only' })
}
