import { z } from 'zod'
import { roles, scopes } from '../../access/scope.ts'

// Answers of the API. They are documentation: what the store says is not checked again.

const time = z.number().describe('Milliseconds since the epoch')
const text = z.string()
const texts = z.array(text)
const optional = <T extends z.ZodType>(type: T) => type.optional()
const values = z.record(text, z.union([text, z.number(), z.boolean()]))

export const problemSchema = z
  .object({
    type: text,
    title: text,
    status: z.int(),
    detail: text,
    code: text.describe('See the page of errors'),
    advice: text,
    field: optional(text),
    problems: optional(z.array(z.object({ field: text, message: text }).loose())),
  })
  .describe('RFC 9457')

export const jobSchema = z.object({
  id: text,
  kind: text.describe(
    'install, start, stop, restart, reconfigure, resize, upgrade, uninstall, reinstall, adopt, backup',
  ),
  install: text,
  state: z.enum(['queued', 'running', 'undoing', 'succeeded', 'failed', 'cancelled']),
  principal: text,
  input: z.record(text, z.unknown()),
  facts: z.record(text, z.unknown()),
  step: optional(text),
  failure: optional(
    z.object({ code: text, message: text, advice: optional(text), step: optional(text), left: optional(texts) }),
  ),
  cancelRequested: z.boolean(),
  createdAt: time,
  startedAt: optional(time),
  endedAt: optional(time),
})

export const jobViewSchema = jobSchema.extend({
  steps: z.array(
    z.object({
      name: text,
      title: text,
      state: z.enum(['begun', 'done', 'undone']),
      beganAt: time,
      endedAt: optional(time),
    }),
  ),
})

export const eventSchema = z.object({
  seq: z.int().describe('Counts from 1 within the job'),
  at: time,
  kind: z.enum(['state', 'step', 'log', 'progress', 'output']),
  level: optional(z.enum(['debug', 'info', 'warn', 'error'])),
  text: optional(text),
  data: optional(z.record(text, z.unknown())),
})

const output = z.object({ key: text, label: text, value: optional(text), secret: optional(z.boolean()) })

export const installSchema = z.object({
  id: text,
  name: text,
  status: z.enum(['installing', 'active', 'failed', 'kept']),
  apps: z.array(
    z.object({ app: text, version: text, source: text, commit: text, inputs: values, outputs: z.array(output) }),
  ),
  vmid: optional(z.int()),
  unprivileged: z.boolean(),
  onboot: z.boolean(),
  template: text,
  storage: text,
  resources: z.object({ cores: z.int(), memory: z.int().describe('MiB'), disk: z.int().describe('GiB') }),
  network: z.object({ bridge: text, ipv4: text }).loose(),
  volumes: z.array(
    z.object({
      ...{ app: text, name: text, path: text, size: z.int(), storage: text, slot: text },
      volumeId: optional(text),
    }),
  ),
  consent: text,
  createdAt: time,
  updatedAt: time,
})

const upgrade = z.object({ app: text, from: text, to: text, consentChanged: z.boolean() })

export const installViewSchema = installSchema.extend({
  live: z.object({
    state: z.enum(['running', 'stopped', 'missing', 'foreign', 'unknown']),
    addresses: texts,
    uptime: optional(z.number()),
    cpu: optional(z.number()),
    memory: optional(z.number()),
    memoryLimit: optional(z.number()),
    disk: optional(z.number()),
    diskLimit: optional(z.number()),
  }),
  upgrades: z.array(upgrade),
  job: optional(text),
  secrets: texts,
})

export const consentSchema = z.object({
  hash: text,
  items: z.array(z.object({ severity: z.enum(['info', 'notice', 'danger']), kind: text, text, values: texts })),
  refused: texts,
})

export const appSummarySchema = z.object({
  ...{ id: text, name: text, description: text, version: text, source: text },
  categories: texts,
  tags: texts,
  hasIcon: z.boolean(),
  installed: z.int(),
})

const inputField = z.object({
  key: text,
  label: text,
  type: z.enum(['string', 'number', 'boolean', 'secret', 'select']),
  default: optional(z.union([text, z.number(), z.boolean()])),
  required: z.boolean(),
  reconfigurable: z.boolean(),
  ...{ help: optional(text), description: optional(text), group: optional(text), options: optional(texts) },
  ...{ minimum: optional(z.number()), maximum: optional(z.number()) },
  ...{ minLength: optional(z.number()), maxLength: optional(z.number()), pattern: optional(text) },
  format: optional(z.enum(['ipv4', 'cidr', 'url', 'email', 'hostname'])),
  showWhen: optional(z.object({ input: text, values: texts })),
})

export const appDetailSchema = appSummarySchema.extend({
  ...{ overview: text, homepage: optional(text), license: optional(text), readme: optional(text) },
  maintainers: texts,
  template: text,
  resources: z.object({ cores: z.int(), memory: z.int(), disk: z.int() }),
  unprivileged: z.boolean(),
  needsStaticAddress: z.boolean(),
  inputs: z.array(inputField),
  volumes: z.array(
    z.object({
      ...{ name: text, label: text, path: text, size: z.int(), required: z.boolean() },
      kind: z.enum(['volume', 'bind']),
    }),
  ),
  consent: consentSchema,
  commit: text,
})

export const stackSchema = z.object({
  id: text,
  name: text,
  description: text,
  source: text,
  apps: z.array(text),
  inputs: z.record(text, z.record(text, z.union([text, z.number(), z.boolean()]))),
  template: text.optional(),
  resources: z.object({ cores: z.number(), memory: z.number(), disk: z.number() }).partial(),
})

export const sourceSchema = z.object({
  ...{ name: text, url: text, priority: z.int(), commit: optional(text), checkedAt: optional(time), apps: z.int() },
  problems: z.array(z.object({ field: text, message: text }).loose()),
  offered: optional(
    z.object({
      ...{ commit: text, added: texts, removed: texts },
      changed: z.array(upgrade),
    }),
  ),
  error: optional(text),
})

export const planSchema = z.object({
  name: text,
  apps: z.array(z.object({ app: text, version: text })),
  consent: consentSchema,
  actions: z.array(
    z.object({
      step: text,
      kind: z.enum(['api', 'privileged']),
      action: text,
      parameters: z.record(text, z.unknown()),
    }),
  ),
  warnings: texts,
})

export const declarationPlanSchema = z.object({
  changes: z.array(
    z.object({ name: text, change: z.enum(['install', 'reconfigure', 'same', 'unmanaged']), details: texts }),
  ),
  secretsNeeded: texts.describe('install/app/key'),
})

export const statusSchema = z.object({
  ...{ version: text, node: text, pool: text, lab: z.boolean() },
  proxmox: z.object({ version: text, reachable: z.boolean(), error: optional(text) }),
  range: z.object({ from: z.int(), to: z.int(), free: z.int() }),
  jobs: z.object({ running: z.int(), queued: z.int() }),
})

export const findingSchema = z.object({
  ...{ check: text, text, fix: optional(text) },
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
})

export const placesSchema = z.object({
  storages: z.array(z.object({ name: text, type: text, free: z.number(), total: z.number() })),
  bridges: z.array(z.object({ name: text, vlanAware: z.boolean() })),
  templates: texts,
})

export const auditSchema = z.object({
  records: z.array(
    z.object({
      ...{ id: text, at: text, command: text, text },
      phase: z.enum(['intent', 'outcome']),
      outcome: optional(text),
    }),
  ),
  verification: z.object({ state: z.enum(['whole', 'broken', 'unavailable']), text }),
  next: optional(text),
})

export const roleSchema = z.enum(Object.keys(roles) as [string, ...string[]])
export const scopesSchema = z.array(z.enum(scopes))

export const meSchema = z.object({
  ...{ name: text, scopes: scopesSchema, via: z.enum(['session', 'token']) },
  csrf: optional(text).describe('To be sent as X-CSRF-Token with everything that changes something'),
})

export const accountSchema = z.object({ name: text, role: roleSchema, createdAt: time })

export const tokenSchema = z.object({
  ...{ id: text, account: text, label: text, scopes: scopesSchema, createdAt: time },
  expiresAt: optional(time),
  usedAt: optional(time),
})

export const sessionSchema = z.object({ id: text, account: text, client: text, createdAt: time, usedAt: time })
