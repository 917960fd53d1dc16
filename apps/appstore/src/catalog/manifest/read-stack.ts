import { escapeValue } from '@broker/privexec/escape'
import { readYaml, type TypedKeys } from '../yaml/read.ts'
import { typedKeys } from './app-schema.ts'
import { type Folder, textOf } from './files.ts'
import type { InputValue } from './manifest.ts'
import { fit, Problems } from './problem.ts'
import { type Reading, unreadable } from './read-app.ts'
import { stackSchema, testSchema } from './stack-schema.ts'

/** Several apps that a catalog offers for one guest. Memory in MiB, disk in GiB. */
export interface Stack {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly description: string
  readonly categories: readonly string[]
  readonly tags: readonly string[]
  readonly icon: string
  /** In the order of their installation, with values for their inputs. */
  readonly apps: readonly { readonly app: string; readonly inputs: Readonly<Record<string, InputValue>> }[]
  /** Undefined where the apps decide. */
  readonly template?: string
  readonly unprivileged?: boolean
  readonly cores?: number
  readonly memory?: number
  readonly disk?: number
  readonly onboot?: boolean
}

/** How the app of a catalog is tried: with which inputs and resources, or not at all. Memory in MiB, disk in GiB. */
export interface TrialSpec {
  readonly skip: boolean
  readonly skipBindMounts: boolean
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly cores?: number
  readonly memory?: number
  readonly disk?: number
}

const largest = 65_536

/** Of inputs, whose keys are not known here, any value may be a number or a switch. */
const anyKey: TypedKeys = { has: (key: string) => typedKeys.has(key) || !textKeys.has(key) } as TypedKeys
const textKeys = new Set([
  ...['id', 'name', 'version', 'description', 'categories', 'tags', 'icon', 'ostemplate', 'features', 'extra_config'],
  ...['app_id', 'bridge', 'storage'],
])

/** Reads the stack in a folder, whose own name must be its id. Never throws. */
export function readStack(folder: Folder, id: string): Reading<Stack> {
  const file = `${folder.name}/stack.yml`
  const bytes = folder.read('stack.yml', largest)
  const text = bytes && textOf(bytes)
  if (text === undefined) return { problems: [unreadable(file, largest)] }
  const yaml = readYaml(text, anyKey)
  const problems = new Problems(file, yaml)
  const written = fit(stackSchema, yaml, problems)
  if (written === undefined) return { problems: problems.all }
  if (written.id !== id) problems.error(['id'], `must be the name of its folder, ${escapeValue(id)}`)
  const apps = new Set<string>()
  for (const [index, { app_id: app }] of written.apps.entries()) {
    if (apps.has(app)) problems.error(['apps', index, 'app_id'], `the app ${escapeValue(app)} is there twice`)
    apps.add(app)
  }
  if (written.lxc?.extra_config?.length) {
    problems.error(['lxc', 'extra_config'], 'a stack has no lines of its own; those of its apps count')
  }
  if (problems.failed) return { problems: problems.all }
  const { ostemplate: template, defaults = {} } = written.lxc ?? {}
  const value: Stack = {
    id: written.id,
    name: written.name,
    version: written.version,
    description: written.description?.trim() ?? '',
    categories: written.categories ?? [],
    tags: written.tags ?? [],
    icon: written.icon ?? '',
    apps: written.apps.map(({ app_id: app, inputs = {} }) => ({ app, inputs })),
    ...given({
      template,
      unprivileged: defaults.unprivileged,
      cores: defaults.cores,
      memory: defaults.memory_mb,
      disk: defaults.disk_gb,
      onboot: defaults.onboot,
    }),
  }
  return { value, problems: problems.all }
}

/** Reads `test.yml` of an app; an app without one is tried as it is. Never throws. */
export function readTrial(folder: Folder): Reading<TrialSpec> {
  const file = `${folder.name}/test.yml`
  const bytes = folder.read('test.yml', largest)
  const text = bytes && textOf(bytes)
  if (text === undefined) {
    const missing = bytes === undefined && !folder.has('test.yml', Number.POSITIVE_INFINITY)
    return missing
      ? { value: { skip: false, skipBindMounts: false, inputs: {} }, problems: [] }
      : { problems: [unreadable(file, largest)] }
  }
  const yaml = readYaml(text, anyKey)
  // A file of comments alone says nothing.
  const problems = new Problems(file, yaml)
  const written = fit(
    testSchema,
    yaml.data === undefined && yaml.faults.length === 0 ? { ...yaml, data: {} } : yaml,
    problems,
  )
  if (written === undefined) return { problems: problems.all }
  const { skip = false, skip_bind_mounts: skipBindMounts = false, inputs = {} } = written
  const resources = given({ cores: written.cores, memory: written.memory_mb, disk: written.disk_gb })
  return { value: { skip, skipBindMounts, inputs, ...resources }, problems: problems.all }
}

/** Without the entries that have no value. */
const given = <T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
