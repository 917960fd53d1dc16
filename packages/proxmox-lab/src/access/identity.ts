import { createHash, timingSafeEqual } from 'node:crypto'
import type { State } from '../state/types.ts'
import { ApiError } from '../wire/error.ts'

/** User id and, for a token, its name. */
export function splitToken(identity: string): { readonly user: string; readonly token: string | undefined } {
  const at = identity.indexOf('!')
  return at < 0 ? { user: identity, token: undefined } : { user: identity.slice(0, at), token: identity.slice(at + 1) }
}

/** What is kept of a secret; secrets of tokens are random, so one round suffices. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const isSecret = (hash: string, secret: string): boolean =>
  timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(hashSecret(secret), 'hex'))

/** Sessions of `/access/ticket`, by ticket; they end with the lab. */
export type Tickets = Map<string, { readonly user: string; readonly csrf: string }>

/** What a request shows of who sends it. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  readonly csrf: string | undefined
  readonly method: string
}

/** Who sends a request: a user id, or `USER!TOKEN`. Throws 401 without a body otherwise. */
export function authenticate(state: State, tickets: Tickets, given: Credentials): string {
  const { authorization, cookie } = given
  const [, token] = /^PVEAPIToken[= ](.+)$/.exec(authorization ?? '') ?? []
  if (token !== undefined) return authenticateToken(state, token)
  const [, ticket] = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(cookie ?? '') ?? []
  if (ticket === undefined) throw denied('No ticket')
  const session = tickets.get(decodeURIComponent(ticket))
  if (session === undefined) throw denied('permission denied - invalid PVE ticket')
  if (given.method !== 'GET' && given.csrf !== session.csrf) throw denied('Permission denied - invalid csrf token')
  return session.user
}

function authenticateToken(state: State, text: string): string {
  const at = text.lastIndexOf('=')
  const identity = at < 0 ? text : text.slice(0, at)
  const { user, token } = splitToken(identity)
  const account = Object.hasOwn(state.users, user) ? state.users[user] : undefined
  const known = token !== undefined && account !== undefined && Object.hasOwn(account.tokens, token)
  const entry = known ? account.tokens[token] : undefined
  const now = Date.now() / 1000
  const isLive = (expire: number | undefined): boolean => expire === undefined || expire === 0 || expire > now
  if (entry === undefined || account === undefined || account.enable !== 1) throw denied('Authentication failed!')
  if (!isLive(entry.expire) || !isLive(account.expire)) throw denied('Authentication failed!')
  if (!isSecret(entry.secretHash, text.slice(at + 1))) throw denied('Authentication failed!')
  return identity
}

/** True when the password is the user's. */
export function isPassword(state: State, user: string, password: string): boolean {
  const hash = Object.hasOwn(state.users, user) ? state.users[user]?.passwordHash : undefined
  return hash !== undefined && isSecret(hash, password)
}

const denied = (message: string): ApiError => new ApiError(401, message, { isBare: true })
