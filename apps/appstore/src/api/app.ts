import type { FastifyBaseLogger, FastifyInstance, RawServerBase } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Accounts } from '../access/accounts.ts'
import type { Attempts } from '../access/attempts.ts'
import type { Sessions } from '../access/sessions.ts'
import type { Tokens } from '../access/tokens.ts'
import type { Appstore } from '../contract.ts'
import type { Authenticated, Need } from './guard/authenticate.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route needs; a route without it cannot be added. */
    need?: Need
  }
  interface FastifyRequest {
    who?: Authenticated
  }
}

/** What the routes work with. */
export interface ApiParts {
  readonly appstore: Appstore
  readonly accounts: Accounts
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly attempts: Attempts
}

/** The server, with schemas as zod has them. */
// biome-ignore lint/suspicious/noExplicitAny: HTTP and HTTPS servers alike
export type Api = FastifyInstance<RawServerBase, any, any, FastifyBaseLogger, ZodTypeProvider>
