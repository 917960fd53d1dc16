import { z } from 'zod'
import type { Who } from '../../contract.ts'
import type { Job } from '../../model/job.ts'
import {
  adoptRequest,
  declaration,
  installRequest,
  reconfigureRequest,
  resizeRequest,
  uninstallRequest,
  upgradeRequest,
} from '../../requests/requests.ts'
import { storageName } from '../../requests/values.ts'
import type { Api, ApiParts } from '../app.ts'
import type { Need } from '../guard/authenticate.ts'
import { json } from '../json.ts'
import { declarationPlanSchema, installViewSchema, jobSchema, planSchema } from '../schemas/answers.ts'
import { me } from './access.ts'

const byId = z.object({ id: z.string().max(63).describe('Id or name of an install') })
const idempotency = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .regex(/^[!-~]+$/)
    .optional()
    .describe('The same key gives the same job'),
})

/** Installs. What changes something answers with its job, 202. */
export function installRoutes(api: Api, { appstore: { installs } }: ApiParts): void {
  const who = (request: {
    who?: Parameters<typeof me>[0]['who']
    headers: { 'idempotency-key'?: string | undefined }
  }): Who => {
    const { name } = me(request as never)
    const key = request.headers['idempotency-key']
    return { principal: name, ...(key === undefined ? {} : { idempotencyKey: `${name} ${key}` }) }
  }

  api.get(
    '/installs',
    {
      config: { need: 'read' },
      schema: {
        summary: 'Installs, and how their guests are now',
        response: { 200: z.object({ installs: z.array(installViewSchema) }) },
      },
    },
    async (_, reply) => json(reply, { installs: await installs.list() }),
  )

  api.post(
    '/installs',
    {
      config: { need: 'install' },
      schema: { summary: 'Install', headers: idempotency, body: installRequest, response: { 202: jobSchema } },
    },
    async (request, reply) => json(reply.code(202), await installs.install(request.body, who(request))),
  )

  api.post(
    '/installs/plan',
    {
      config: { need: 'read' },
      schema: {
        summary: 'All that an install would do',
        description: 'Nothing is done.',
        body: installRequest,
        response: { 200: planSchema },
      },
    },
    async (request, reply) => json(reply, await installs.plan(request.body)),
  )

  api.post(
    '/installs/adopt',
    {
      config: { need: 'admin' },
      schema: {
        summary: 'Take a guest of the pool under care',
        headers: idempotency,
        body: adoptRequest,
        response: { 202: jobSchema },
      },
    },
    async (request, reply) => json(reply.code(202), await installs.adopt(request.body, who(request))),
  )

  api.get(
    '/installs/:id',
    { config: { need: 'read' }, schema: { summary: 'An install', params: byId, response: { 200: installViewSchema } } },
    async (request, reply) => json(reply, await installs.get(request.params.id)),
  )

  api.get(
    '/installs/:id/secrets/:app/:key',
    {
      config: { need: 'install' },
      schema: {
        summary: 'A secret of an install',
        params: byId.extend({ app: z.string().max(63), key: z.string().max(100) }),
        response: { 200: z.object({ value: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id, app, key } = request.params
      reply.header('cache-control', 'no-store')
      return { value: await installs.secret(id, `${app}/${key}`, who(request as never)) }
    },
  )

  /** A route that queues a job on an install. */
  const act = <Body extends z.ZodType>(
    path: string,
    summary: string,
    need: Need,
    body: Body,
    run: (id: string, body: z.output<Body>, who: Who) => Promise<Job>,
  ): void => {
    api.post(
      `/installs/:id/${path}`,
      { config: { need }, schema: { summary, params: byId, headers: idempotency, body, response: { 202: jobSchema } } },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        return json(reply.code(202), await run(id, request.body as z.output<Body>, who(request as never)))
      },
    )
  }
  const nothing = z.strictObject({}).nullish()
  act('start', 'Start the guest', 'operate', nothing, (id, _, by) => installs.start(id, by))
  act('stop', 'Shut the guest down', 'operate', nothing, (id, _, by) => installs.stop(id, by))
  act('restart', 'Restart the guest', 'operate', nothing, (id, _, by) => installs.restart(id, by))
  act('reconfigure', 'Change inputs and resources in place', 'install', reconfigureRequest, installs.reconfigure)
  act('resize', 'Grow a disk', 'install', resizeRequest, installs.resize)
  act('upgrade', "Bring the apps to the catalog's versions", 'install', upgradeRequest, installs.upgrade)
  act('uninstall', 'Remove', 'install', uninstallRequest, installs.uninstall)
  act('reinstall', 'Install again on kept volumes', 'install', nothing, (id, _, by) => installs.reinstall(id, by))
  const backup = z.strictObject({ storage: storageName.optional() })
  act('backup', 'Back the guest up', 'operate', backup, (id, { storage }, by) => installs.backup(id, storage, by))

  api.get(
    '/declaration',
    { config: { need: 'read' }, schema: { summary: 'The state as it can be declared, without secrets' } },
    async (_, reply) => json(reply, installs.export()),
  )

  api.post(
    '/declaration/plan',
    {
      config: { need: 'read' },
      schema: { summary: 'What would change', body: declaration, response: { 200: declarationPlanSchema } },
    },
    async (request, reply) => json(reply, await installs.planDeclaration(request.body)),
  )

  api.post(
    '/declaration/apply',
    {
      config: { need: 'install' },
      schema: {
        summary: 'Bring everything to what is declared',
        body: z.strictObject({
          declaration,
          secrets: z.record(z.string().max(300), z.string().max(65_536)).default({}),
        }),
        response: { 202: z.object({ jobs: z.array(jobSchema) }) },
      },
    },
    async (request, reply) => {
      const { declaration: wanted, secrets } = request.body
      return json(reply.code(202), {
        jobs: await installs.applyDeclaration(wanted, secrets, { principal: me(request).name }),
      })
    },
  )
}
