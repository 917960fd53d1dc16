import { existsSync } from 'node:fs'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import fastify from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { AppstoreError } from '../errors/error.ts'
import type { Api, ApiParts } from './app.ts'
import { authenticate } from './guard/authenticate.ts'
import { checkOrigin, knownNames } from './guard/origin.ts'
import { answerProblem } from './problem.ts'
import { accessRoutes } from './routes/access.ts'
import { catalogRoutes } from './routes/catalog.ts'
import { guestRoutes } from './routes/guest.ts'
import { installRoutes } from './routes/installs.ts'
import { jobRoutes } from './routes/jobs.ts'
import { systemRoutes } from './routes/system.ts'

/** What the server is made with. */
export interface ServerOptions extends ApiParts {
  readonly tls: { readonly key: string; readonly cert: string }
  /** Names by which browsers reach it, and the address that it listens on. */
  readonly names: readonly string[]
  readonly address: string
  readonly version: string
  /** Folder of the page, as it was built; without it there is only the API. */
  readonly page?: string
  /** Level of the log on standard error. */
  readonly log?: 'silent' | 'warn' | 'info' | 'debug'
  /** Whether it can do its work now. */
  readonly isReady: () => Promise<boolean>
}

/** Largest body of a request in bytes. */
const largestBody = 2 * 1024 * 1024

/** Makes the server; it does not listen yet. */
export async function makeServer(options: ServerOptions): Promise<Api> {
  const { tls, log = 'warn' } = options
  const server = fastify({
    https: { ...tls, minVersion: 'TLSv1.2' },
    bodyLimit: largestBody,
    requestTimeout: 30_000,
    logger: { level: log, stream: process.stderr, redact: ['req.headers'] },
    routerOptions: { maxParamLength: 200 },
    // A stream must not hold up the end of the daemon.
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>()
  const api = server as unknown as Api
  api.setValidatorCompiler(validatorCompiler)
  api.setSerializerCompiler(serializerCompiler)
  api.setErrorHandler((error, request, reply) => answerProblem(error, request, reply))
  api.setNotFoundHandler((request, reply) => {
    answerProblem(new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such page'), request, reply)
  })
  guard(api, options)
  await api.register(cookie)
  await api.register(helmet, securityHeaders)
  await api.register(websocket, { options: { maxPayload: 64 * 1024 } })
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'App store', version: options.version, description: 'Apps in containers of Proxmox VE' },
      servers: [{ url: '/api/v1' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    stripBasePath: true,
  })
  healthRoutes(api, options)
  await api.register(
    async scope => {
      const routes = scope as unknown as Api
      accessRoutes(routes, options)
      catalogRoutes(routes, options)
      installRoutes(routes, options)
      guestRoutes(routes, options)
      jobRoutes(routes, options)
      systemRoutes(routes, options)
      routes.get(
        '/openapi.json',
        { config: { need: 'login' }, schema: { hide: true } as object },
        async () => api.swagger() as never,
      )
    },
    { prefix: '/api/v1' },
  )
  await pageRoutes(api, options.page)
  return api
}

/** Every request is looked at before its body is read: name and origin, then who asks. A route must say what it needs. */
function guard(api: Api, { names, address, tokens, sessions }: ServerOptions): void {
  const known = knownNames(names, address)
  api.addHook('onRoute', route => {
    const isOurs = route.url.startsWith('/api/') || route.url.startsWith('/health') || route.url.startsWith('/ready')
    if (isOurs && route.config?.need === undefined) throw new Error(`${route.url} does not say what it needs`)
  })
  api.addHook('onRequest', async request => checkOrigin(request, known))
  // After the hook that reads cookies, which the plugin adds when it is registered.
  api.addHook('preParsing', async request => {
    const { need } = request.routeOptions.config
    if (need === undefined) return
    const who = authenticate(request, need, { tokens, sessions })
    if (who !== undefined) request.who = who
  })
}

/** The only pages that are open to everybody, beside the login and the files of the page. */
function healthRoutes(api: Api, { isReady }: ServerOptions): void {
  const state = z.object({ status: z.enum(['ok', 'unavailable']) })
  const hide = { hide: true } as object
  api.get('/healthz', { config: { need: 'nothing' }, schema: { ...hide, response: { 200: state } } }, async () => ({
    status: 'ok' as const,
  }))
  api.get(
    '/readyz',
    { config: { need: 'nothing' }, schema: { ...hide, response: { 200: state, 503: state } } },
    async (_, reply) => {
      const ready = await isReady().catch(() => false)
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' })
    },
  )
}

async function pageRoutes(api: Api, page: string | undefined): Promise<void> {
  if (page === undefined || !existsSync(page)) return
  await api.register(files, {
    root: page,
    // Names of built files change with what is in them.
    setHeaders: (reply, path) => {
      const isBuilt = /\/assets\//.test(path)
      reply.header('cache-control', isBuilt ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
} as const
