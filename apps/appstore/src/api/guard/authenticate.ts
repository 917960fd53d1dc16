import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Principal, Scope } from '../../access/scope.ts'
import { isSameToken, type Sessions } from '../../access/sessions.ts'
import type { Tokens } from '../../access/tokens.ts'
import { AppstoreError } from '../../errors/error.ts'

/** Cookie of a session; the prefix makes browsers refuse it from anywhere but this very host, and over plain HTTP. */
export const cookieName = '__Host-appstore'

/** What a route needs: a scope, a login of any kind, or nothing at all. */
export type Need = Scope | 'login' | 'nothing'

/** Who asks, where somebody does. */
export interface Authenticated extends Principal {
  readonly csrf?: string
}

/**
 * Recognises who asks, and checks that they may.
 * @throws {AppstoreError} `APPSTORE_UNAUTHENTICATED`, `APPSTORE_FORBIDDEN`
 */
export function authenticate(
  request: FastifyRequest,
  need: Need,
  { tokens, sessions }: { readonly tokens: Tokens; readonly sessions: Sessions },
): Authenticated | undefined {
  if (need === 'nothing') return undefined
  const who = byToken(request, tokens) ?? bySession(request, sessions)
  if (who === undefined) throw new AppstoreError('APPSTORE_UNAUTHENTICATED', 'Nobody is logged in')
  if (need !== 'login' && !who.scopes.includes(need)) {
    throw new AppstoreError('APPSTORE_FORBIDDEN', `This takes the scope "${need}"`)
  }
  return who
}

function byToken(request: FastifyRequest, tokens: Tokens): Authenticated | undefined {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const [, text = ''] = /^Bearer +([A-Za-z0-9_-]{1,200})$/i.exec(authorization) ?? []
  const who = tokens.recognise(text)
  if (who === undefined) throw new AppstoreError('APPSTORE_UNAUTHENTICATED', 'The token is not valid')
  return who
}

/** A browser sends its cookie whoever made it ask, so a change takes the page's own token besides. */
function bySession(request: FastifyRequest, sessions: Sessions): Authenticated | undefined {
  const cookie = request.cookies[cookieName]
  const who = cookie === undefined ? undefined : sessions.recognise(cookie)
  if (who === undefined) return undefined
  const given = request.headers['x-csrf-token']
  const isSafe = ['GET', 'HEAD'].includes(request.method)
  if (!isSafe && !(typeof given === 'string' && isSameToken(given, who.csrf))) {
    throw new AppstoreError('APPSTORE_FORBIDDEN', 'The request lacks the token of the page')
  }
  return who
}
