import { z } from 'zod'
import { AppstoreError } from '../../errors/error.ts'
import { appId } from '../../requests/values.ts'
import type { Api, ApiParts } from '../app.ts'
import { json } from '../json.ts'
import { appDetailSchema, appSummarySchema, consentSchema, sourceSchema, stackSchema } from '../schemas/answers.ts'

const app = z.object({ app: appId })
const source = z.object({ source: z.string().max(63).optional() })

/** The catalog and its sources. */
export function catalogRoutes(api: Api, { appstore: { catalog } }: ApiParts): void {
  /** Lists as JSON; the catalog gives the same list again. */
  const lists = new WeakMap<object, string>()

  api.get(
    '/catalog/apps',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Apps',
        querystring: z.strictObject({
          text: z.string().max(200).optional(),
          category: z.string().max(64).optional(),
          sort: z.enum(['relevance', 'name', 'newest']).optional(),
          offset: z.coerce.number().int().min(0).max(100_000).default(0),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: z.object({ apps: z.array(appSummarySchema), total: z.int() }) },
      },
    },
    async (request, reply) => {
      const { text, category, sort, offset, limit } = request.query
      const query = { offset, limit, ...(text && { text }), ...(category && { category }), ...(sort && { sort }) }
      const found = catalog.list(query)
      const known = lists.get(found)
      const json = known ?? JSON.stringify(found)
      if (known === undefined) lists.set(found, json)
      return reply.type('application/json').send(json as never)
    },
  )

  api.get(
    '/catalog/categories',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Categories',
        response: { 200: z.object({ categories: z.array(z.object({ name: z.string(), count: z.int() })) }) },
      },
    },
    async () => ({ categories: [...catalog.categories()] }),
  )

  api.get(
    '/catalog/apps/:app',
    {
      config: { need: 'read' },
      schema: {
        summary: 'An app, its form and what it asks for',
        params: app,
        querystring: source,
        response: { 200: appDetailSchema },
      },
    },
    async (request, reply) => json(reply, catalog.get(request.params.app, request.query.source)),
  )

  api.get(
    '/catalog/apps/:app/icon',
    { config: { need: 'read' }, schema: { summary: 'Icon of an app, PNG', params: app, querystring: source } },
    async (request, reply) => {
      const icon = await catalog.icon(request.params.app, request.query.source)
      if (icon === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'The app has no icon')
      return reply.type(icon.type).header('cache-control', 'private, max-age=3600').send(Buffer.from(icon.bytes))
    },
  )

  api.post(
    '/catalog/consent',
    {
      config: { need: 'read' },
      schema: {
        summary: 'What several apps ask for together',
        body: z.strictObject({
          apps: z
            .array(z.strictObject({ app: appId, source: z.string().max(63).optional() }))
            .min(1)
            .max(20),
        }),
        response: { 200: consentSchema },
      },
    },
    async (request, reply) => json(reply, catalog.consent(request.body.apps)),
  )

  api.get(
    '/catalog/stacks',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Stacks: several apps for one guest',
        response: {
          200: z.object({
            stacks: z.array(stackSchema),
          }),
        },
      },
    },
    async (_, reply) => json(reply, { stacks: catalog.stacks() }),
  )

  api.get(
    '/catalog/sources',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Sources, and what is wrong with their apps',
        response: { 200: z.object({ sources: z.array(sourceSchema) }) },
      },
    },
    async (_, reply) => json(reply, { sources: catalog.sources() }),
  )

  api.post(
    '/catalog/check',
    {
      config: { need: 'install' },
      schema: {
        summary: 'Fetch what is new',
        description: 'Nothing of it is used before it is accepted.',
        body: z.strictObject({ source: z.string().max(63).optional() }).nullish(),
        response: { 200: z.object({ sources: z.array(sourceSchema) }) },
      },
    },
    async (request, reply) => {
      const sources = await catalog.check(request.body?.source)
      return json(reply, { sources })
    },
  )

  api.post(
    '/catalog/sources/:source/accept',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Use the commit that is offered',
        params: z.object({ source: z.string().max(63) }),
        body: z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40,64}$/) }),
        response: { 200: sourceSchema },
      },
    },
    async (request, reply) => {
      const status = await catalog.accept(request.params.source, request.body.commit)
      return json(reply, status)
    },
  )
}
