import { z } from 'zod'
import type {
  BranchState,
  BranchView,
  DiffView,
  Mending,
  ProjectView,
  SnapshotView,
  StatusView,
  WalView,
} from '../api.ts'
import type { Finding, Level } from '../doctor/finding.ts'
import { type ErrorCode, errorRegistry } from '../errors/registry.ts'
import type { StepView } from '../setup/step.ts'
import { schema as version } from './verb.ts'

// Shapes of what `--json` prints. The compiler compares each with the type of the API: a key that is missing, too much,
// optional on one side only, or of another type is an error here. Only documents and tests load this file.

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false

/** One schema for every key of `T`; optional where the key is. */
type Shape<T> = {
  readonly [K in keyof T]-?: IsOptional<T, K> extends true ? z.ZodExactOptional<z.ZodType<T[K]>> : z.ZodType<T[K]>
}

/** With an id, it stands once in the JSON Schema, below that name. */
function object<T extends object>(shape: Shape<T>, id?: string): z.ZodType<T> {
  const schema = z.strictObject(shape) as unknown as z.ZodType<T>
  return id === undefined ? schema : schema.meta({ id })
}

/** Texts of a union; the compiler wants each of them. */
const oneOf = <T extends string>(values: Readonly<Record<T, true>>): z.ZodType<T> => z.enum(Object.keys(values) as T[])

const text = z.string()
const flag = z.boolean()
const count = z.int().min(0)
const size = count.describe('Bytes')
const instant = z.iso.datetime().describe('Instant in UTC')
const list = <T>(items: z.ZodType<T>): z.ZodType<readonly T[]> => z.array(items)
const maybe = <T>(type: z.ZodType<T>): z.ZodExactOptional<z.ZodType<T>> => z.exactOptional(type)
const id = z
  .string()
  .regex(/^[a-z][a-z2-9]{9}$/)
  .describe('Id; its beginning is enough where a name is asked for') as unknown as z.ZodType<BranchView['id']>
const branchName = text.describe('project/branch')

const runtime = oneOf<ProjectView['runtime']>({ docker: true, process: true }).describe('Where servers run')

const project = object<ProjectView>(
  {
    name: text,
    id,
    created: instant,
    runtime,
    image: maybe(text.describe('Image of its containers')),
    version: z.int().describe('Major version of PostgreSQL'),
    branches: count,
    running: count,
    used: size,
  },
  'Project',
)

const state = oneOf<BranchState>({ running: true, starting: true, stopped: true, failed: true, unfinished: true })

const branch = object<BranchView>(
  {
    name: branchName,
    id,
    state,
    reason: maybe(text.describe('Why it is in that state, where there is something to say')),
    parent: maybe(text.describe('project/branch that it was made from')),
    created: instant,
    dataTime: instant.describe('Instant that its data are of'),
    host: text,
    port: z.int().min(1).max(65_535),
    isProtected: flag,
    expires: maybe(instant.describe('After it, pgd gc deletes the branch')),
    isEphemeral: flag,
    label: maybe(text),
    generation: z.int().min(1).describe('One more with each reset'),
    undo: maybe(
      object<NonNullable<BranchView['undo']>>({ generation: z.int().min(1), expires: instant }).describe(
        'What the last reset replaced, while it is kept',
      ),
    ),
    used: size.describe('Bytes that only it has'),
    referenced: size.describe('Bytes that it shows in all'),
    memory: maybe(size),
    cpus: maybe(z.number()),
  },
  'Branch',
)

const snapshot = object<SnapshotView>(
  {
    id,
    branch: branchName,
    kind: oneOf<SnapshotView['kind']>({ user: true, branch: true }).describe('Made by a user, or to branch from'),
    label: maybe(text),
    created: instant,
    used: size.describe('Bytes that go when it goes'),
    dependents: list(branchName),
  },
  'Snapshot',
)

const wal = object<WalView>(
  {
    branch: branchName,
    segments: count,
    bytes: size,
    timeline: maybe(z.int()),
    from: maybe(instant.describe('First instant that --at takes')),
    to: maybe(instant.describe('Last instant that --at takes')),
    gaps: list(text.describe('Segment that lacks')),
    failure: maybe(text.describe('What the archiver said last, when it failed')),
  },
  'Wal',
)

const diff = object<DiffView>(
  {
    left: branchName,
    right: branchName,
    schema: text.describe('Unified difference; empty when there is none'),
    rows: list(object<DiffView['rows'][number]>({ table: text, left: maybe(count), right: maybe(count) })),
  },
  'Diff',
)

const status = object<StatusView>(
  {
    store: object<StatusView['store']>({ title: text, free: size, total: size }),
    runtimes: list(text),
    projects: count,
    branches: count,
    running: count,
    attention: list(branch),
    foreign: list(text),
  },
  'Status',
)

const mending = object<Mending>({ subject: text, action: text, done: flag, reason: maybe(text) }, 'Mending')

const step = object<StepView>({ title: text, why: text, done: flag, commands: list(list(text)) }, 'Step')

const finding = object<Finding>(
  {
    check: text.describe('Stable name of the check'),
    level: oneOf<Level>({ ok: true, warning: true, problem: true }),
    message: text,
    advice: maybe(text.describe('What to do')),
  },
  'Finding',
)

const code = oneOf<ErrorCode | 'INTERNAL'>({
  ...(Object.fromEntries(Object.keys(errorRegistry).map(name => [name, true])) as Record<ErrorCode, true>),
  INTERNAL: true,
})

const error = z.strictObject({
  code,
  message: text,
  hint: text.describe('What to do next'),
  exit: z.int().min(64).max(130).describe('Exit status'),
  field: maybe(text.describe('Option or argument that it is about')),
  program: maybe(text),
  exitCode: maybe(z.int().describe('Exit status of that program')),
  stderr: maybe(text.describe('The end of what that program said')),
})

const answer = (title: string, shape: Readonly<Record<string, z.ZodType>>): z.ZodType =>
  z.strictObject({ schema: z.literal(version), ...shape }).meta({ title })

/** What the verbs answer, each on one line of standard output; an error is one line of standard error. */
export const answers = {
  project: answer('One project', { project }),
  projects: answer('Projects', { projects: list(project) }),
  branch: answer('One branch', { branch }),
  branches: answer('Branches', { branches: list(branch) }),
  snapshot: answer('One snapshot', { snapshot }),
  snapshots: answer('Snapshots', { snapshots: list(snapshot) }),
  wal: answer('Archive of a branch', { wal }),
  url: answer('URL of a branch, with its password', { url: z.url() }),
  password: answer('Password of a branch', { user: text, password: text }),
  diff: answer('What differs between two branches', { diff }),
  status: answer('Storage, runtimes, and what needs attention', { status }),
  deleted: answer('What was deleted', { deleted: text }),
  done: answer('What was done, or would be', { done: list(mending) }),
  setup: answer('What a machine needs, and what was changed', { steps: list(step), changed: list(text) }),
  doctor: answer('What the doctor found', {
    ok: flag.describe('Whether there is no problem'),
    findings: list(finding),
  }),
  version: answer('Version of pgd', { version: text }),
  error: answer('An error', { error }),
} as const

/** JSON Schema (2020-12) of all answers. Keys that are not in it may be added within a version. */
export function answersJsonSchema(): object {
  const { $schema, ...all } = z.toJSONSchema(z.union(Object.values(answers) as [z.ZodType, ...z.ZodType[]]), {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties
    },
  })
  return { $schema, title: `What pgd prints with --json (${version})`, ...all }
}
