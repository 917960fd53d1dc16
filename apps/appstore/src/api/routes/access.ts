import { z } from 'zod'
import { type Role, roles, type Scope, scopes } from '../../access/scope.ts'
import { AppstoreError } from '../../errors/error.ts'
import type { Api, ApiParts } from '../app.ts'
import { type Authenticated, cookieName } from '../guard/authenticate.ts'
import { accountSchema, meSchema, roleSchema, scopesSchema, sessionSchema, tokenSchema } from '../schemas/answers.ts'

const password = z.string().min(1).max(256)
const cookie = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

/** Logging in and out, and what belongs to whoever is logged in. */
export function accessRoutes(api: Api, { accounts, tokens, sessions, attempts }: ApiParts): void {
  api.post(
    '/login',
    {
      config: { need: 'nothing' },
      schema: {
        summary: 'Log in',
        description: 'Sets the cookie of a session. Guessing gets slower with each failure.',
        body: z.strictObject({ account: z.string().min(1).max(32), password }),
        response: { 200: meSchema },
      },
    },
    async (request, reply) => {
      const { account, password: given } = request.body
      const keys = [`address ${request.ip}`, `account ${account}`]
      attempts.check(keys)
      const role = await accounts.login(account, given)
      if (role === undefined) {
        attempts.fail(keys)
        throw new AppstoreError('APPSTORE_UNAUTHENTICATED', 'There is no such account with that password')
      }
      attempts.succeed(keys)
      const client = `${request.ip} ${request.headers['user-agent'] ?? ''}`.replace(/[^ -~]/g, '?')
      const session = sessions.create(account, client)
      reply.setCookie(cookieName, session.cookie, cookie)
      return { name: account, scopes: [...roles[role]], via: 'session' as const, csrf: session.csrf }
    },
  )

  api.post(
    '/logout',
    { config: { need: 'login' }, schema: { summary: 'End this session', response: { 204: z.null() } } },
    async (request, reply) => {
      if (request.who?.via === 'session') sessions.end(request.who.id)
      return reply.clearCookie(cookieName, cookie).code(204).send(null)
    },
  )

  api.get(
    '/me',
    { config: { need: 'login' }, schema: { summary: 'Who asks, and what they may do', response: { 200: meSchema } } },
    async request => {
      const { name, scopes: may, via, csrf } = me(request)
      return { name, scopes: [...may], via, ...(csrf === undefined ? {} : { csrf }) }
    },
  )

  api.put(
    '/me/password',
    {
      config: { need: 'login' },
      schema: {
        summary: 'Change the password',
        description: 'Ends all sessions of the account.',
        body: z.strictObject({ current: password, next: password }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { name } = me(request)
      const keys = [`address ${request.ip}`, `account ${name}`]
      attempts.check(keys)
      if ((await accounts.login(name, request.body.current)) === undefined) {
        attempts.fail(keys)
        throw new AppstoreError('APPSTORE_FORBIDDEN', 'The current password is another one', { field: 'current' })
      }
      await accounts.setPassword(name, request.body.next)
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/sessions',
    {
      config: { need: 'login' },
      schema: {
        summary: 'Sessions; of all accounts for who may administer',
        response: { 200: z.object({ sessions: z.array(sessionSchema) }) },
      },
    },
    async request => {
      const { name, scopes: may } = me(request)
      return { sessions: [...sessions.list(may.includes('admin') ? undefined : name)] }
    },
  )

  api.delete(
    '/sessions/:id',
    {
      config: { need: 'login' },
      schema: { summary: 'End a session', params: z.object({ id: z.string() }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { name, scopes: may } = me(request)
      const own = sessions.list(may.includes('admin') ? undefined : name).some(({ id }) => id === request.params.id)
      if (!own) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such session')
      sessions.end(request.params.id)
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/tokens',
    {
      config: { need: 'login' },
      schema: {
        summary: 'Tokens; of all accounts for who may administer',
        response: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      },
    },
    async request => {
      const { name, scopes: may } = me(request)
      return {
        tokens: tokens
          .list(may.includes('admin') ? undefined : name)
          .map(token => ({ ...token, scopes: [...token.scopes] })),
      }
    },
  )

  api.post(
    '/tokens',
    {
      config: { need: 'login' },
      schema: {
        summary: 'Make a token',
        description: 'The text is told once, in this answer. A token can never do more than its account.',
        body: z.strictObject({
          label: z.string().min(1).max(100),
          scopes: scopesSchema.min(1),
          expiresAt: z.int().optional().describe('Milliseconds since the epoch'),
        }),
        response: { 201: tokenSchema.extend({ text: z.string() }) },
      },
    },
    async (request, reply) => {
      const { name, scopes: may, via } = me(request)
      if (via === 'token') throw new AppstoreError('APPSTORE_FORBIDDEN', 'A token makes no tokens: log in')
      const { label, scopes: wanted, expiresAt } = request.body
      const kept = scopes.filter((scope): scope is Scope => wanted.includes(scope) && may.includes(scope))
      const { token, text } = tokens.create(name, label, kept, expiresAt)
      return reply.code(201).send({ ...token, scopes: [...token.scopes], text })
    },
  )

  api.delete(
    '/tokens/:id',
    {
      config: { need: 'login' },
      schema: { summary: 'Remove a token', params: z.object({ id: z.string() }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { name, scopes: may } = me(request)
      const own = tokens.list(may.includes('admin') ? undefined : name).some(({ id }) => id === request.params.id)
      if (!own) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such token')
      tokens.remove(request.params.id)
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/accounts',
    {
      config: { need: 'admin' },
      schema: { summary: 'Accounts', response: { 200: z.object({ accounts: z.array(accountSchema) }) } },
    },
    async () => ({ accounts: [...accounts.list()] }),
  )

  api.post(
    '/accounts',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Make an account',
        body: z.strictObject({ name: z.string().min(1).max(32), role: roleSchema, password }),
        response: { 201: z.object({ name: z.string(), role: roleSchema }) },
      },
    },
    async (request, reply) => {
      const { name, role, password: given } = request.body
      await accounts.add(name, role as Role, given)
      return reply.code(201).send({ name, role })
    },
  )

  api.patch(
    '/accounts/:name',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Change the role or the password of an account',
        params: z.object({ name: z.string() }),
        body: z.strictObject({ role: roleSchema.optional(), password: password.optional() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { role, password: given } = request.body
      if (role !== undefined) accounts.setRole(request.params.name, role as Role)
      if (given !== undefined) await accounts.setPassword(request.params.name, given)
      return reply.code(204).send(null)
    },
  )

  api.delete(
    '/accounts/:name',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Remove an account, its sessions and tokens',
        params: z.object({ name: z.string() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      accounts.remove(request.params.name)
      return reply.code(204).send(null)
    },
  )
}

/** Who asks, on routes that nobody else reaches. */
export function me(request: { readonly who?: Authenticated }): Authenticated {
  if (request.who === undefined) throw new AppstoreError('APPSTORE_UNAUTHENTICATED', 'Nobody is logged in')
  return request.who
}
