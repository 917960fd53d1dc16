import { z } from 'zod'
import type { Api, ApiParts } from '../app.ts'
import { json } from '../json.ts'
import { auditSchema, findingSchema, placesSchema, statusSchema } from '../schemas/answers.ts'

/** The daemon and the node. */
export function systemRoutes(api: Api, { appstore }: ApiParts): void {
  api.get(
    '/status',
    { config: { need: 'read' }, schema: { summary: 'The daemon and the node', response: { 200: statusSchema } } },
    async (_, reply) => json(reply, await appstore.status()),
  )

  api.get(
    '/places',
    {
      config: { need: 'read' },
      schema: { summary: 'Storages, bridges and templates', response: { 200: placesSchema } },
    },
    async (_, reply) => json(reply, await appstore.places()),
  )

  api.post(
    '/doctor',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Check everything by doing it',
        response: { 200: z.object({ findings: z.array(findingSchema) }) },
      },
    },
    async (_, reply) => json(reply, { findings: await appstore.doctor() }),
  )

  api.get(
    '/audit',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Records of the privileged commands, newest first',
        querystring: z.strictObject({
          before: z.string().max(100).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: auditSchema },
      },
    },
    async (request, reply) => {
      const { before, limit } = request.query
      return json(reply, await appstore.audit({ limit, ...(before === undefined ? {} : { before }) }))
    },
  )

  let metrics: ReturnType<typeof import('../metrics.ts').metricsOf> | undefined
  api.get(
    '/metrics',
    { config: { need: 'read' }, schema: { summary: 'Metrics as Prometheus reads them' } },
    async (_, reply) => {
      // Loaded when somebody asks: it takes memory, and has a timer of its own.
      const { metricsOf } = await import('../metrics.ts')
      metrics ??= metricsOf(appstore)
      return reply.type(metrics.contentType).send((await metrics.text()) as never)
    },
  )
}
