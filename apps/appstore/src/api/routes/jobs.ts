import { z } from 'zod'
import { type InstallId, type JobId, parseId } from '../../model/id.ts'
import { ended } from '../../model/job.ts'
import type { Api, ApiParts } from '../app.ts'
import { json } from '../json.ts'
import { eventSchema, jobSchema, jobViewSchema } from '../schemas/answers.ts'
import { openStream } from '../stream.ts'
import { me } from './access.ts'

const byId = z.object({ id: z.string().length(26) })
const ids = z.string().length(26)

/** Jobs and what is told of them. */
export function jobRoutes(api: Api, { appstore: { jobs } }: ApiParts): void {
  api.get(
    '/jobs',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Jobs, newest first',
        querystring: z.strictObject({
          install: ids.optional(),
          before: ids.optional().describe('The last id of the page before'),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: z.object({ jobs: z.array(jobSchema), next: z.string().optional() }) },
      },
    },
    async (request, reply) => {
      const { install, before, limit } = request.query
      const found = jobs.list({
        limit,
        ...(install === undefined ? {} : { install: parseId<InstallId>(install) ?? (install as InstallId) }),
        ...(before === undefined ? {} : { before: before as JobId }),
      })
      const next = found.length === limit ? found.at(-1)?.id : undefined
      return json(reply, { jobs: found, ...(next === undefined ? {} : { next }) })
    },
  )

  api.get(
    '/jobs/:id',
    {
      config: { need: 'read' },
      schema: { summary: 'A job and its steps', params: byId, response: { 200: jobViewSchema } },
    },
    async (request, reply) => json(reply, jobs.get(request.params.id)),
  )

  api.post(
    '/jobs/:id/cancel',
    {
      config: { need: 'operate' },
      schema: {
        summary: 'Ask a job to end',
        description: 'What it began is taken back.',
        params: byId,
        response: { 202: jobSchema },
      },
    },
    async (request, reply) => json(reply.code(202), jobs.cancel(request.params.id, { principal: me(request).name })),
  )

  api.get(
    '/jobs/:id/events',
    {
      config: { need: 'read' },
      schema: {
        summary: 'What is told of a job',
        description:
          'With `Accept: text/event-stream` all events from `after` (or `Last-Event-ID`) on, live, until the job has ended; else a page.',
        params: byId,
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
        response: { 200: z.object({ events: z.array(eventSchema) }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { after, limit } = request.query
      if (!request.headers.accept?.includes('text/event-stream')) {
        return json(reply, { events: jobs.events(id, after, limit) })
      }
      const last = Number(request.headers['last-event-id'] ?? after)
      const job = jobs.get(id)
      const stream = openStream(reply)
      let isOver = ended.includes(job.state)
      const stop = jobs.follow(id, Number.isSafeInteger(last) && last >= 0 ? last : after, (event, text) => {
        stream.send(String(event.seq), event.kind, text)
        if (event.kind === 'state' && ended.includes(event.data?.state as never)) {
          isOver = true
          stream.end()
        }
      })
      if (isOver) stream.end()
      stream.onClose(stop)
      return reply
    },
  )
}
