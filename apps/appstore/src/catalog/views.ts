import type { AppDetail, AppSummary, InputField, StackSummary } from '../contract.ts'
import type { AppEntry, StackEntry } from './index/entry.ts'
import type { Input } from './manifest/manifest.ts'

/** An app as lists show it. `installed`: how many installs have it. */
export const summaryOf = (entry: AppEntry, installed: number): AppSummary => ({
  id: entry.id,
  name: entry.manifest.name,
  description: entry.manifest.description,
  version: entry.manifest.version,
  source: entry.source,
  categories: entry.manifest.categories,
  tags: entry.manifest.tags,
  hasIcon: entry.hasIcon,
  installed,
})

/** An app as its page shows it. */
export function detailOf(entry: AppEntry, installed: number, readme: string | undefined): AppDetail {
  const { manifest } = entry
  const { guest } = manifest
  return {
    ...summaryOf(entry, installed),
    overview: manifest.overview,
    ...(manifest.homepage === '' ? {} : { homepage: manifest.homepage }),
    ...(manifest.license === '' ? {} : { license: manifest.license }),
    maintainers: manifest.maintainers,
    ...(readme === undefined ? {} : { readme }),
    template: guest.template,
    resources: { cores: guest.cores, memory: guest.memory, disk: guest.disk },
    unprivileged: guest.unprivileged,
    needsStaticAddress: guest.requireStaticIp,
    inputs: manifest.inputs.map(fieldOf),
    volumes: manifest.volumes.map(({ name, label, path, size, type, required }) => ({
      ...{ name, label: label === '' ? name : label, path, size, kind: type, required },
    })),
    consent: entry.consent,
    commit: entry.commit,
  }
}

/** An input as a form shows it. A default of a secret is told: it stands in the catalog for everyone. */
function fieldOf(input: Input): InputField {
  const { key, label, type, required, reconfigurable } = input
  return {
    ...{ key, label, type, required, reconfigurable },
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.help === '' ? {} : { help: input.help }),
    ...(input.description === '' ? {} : { description: input.description }),
    ...(input.group === '' ? {} : { group: input.group }),
    ...(input.options === undefined ? {} : { options: input.options.map(String) }),
    ...(input.min === undefined ? {} : { minimum: input.min }),
    ...(input.max === undefined ? {} : { maximum: input.max }),
    ...(input.minLength === undefined ? {} : { minLength: input.minLength }),
    ...(input.maxLength === undefined ? {} : { maxLength: input.maxLength }),
    ...(input.regex === undefined ? {} : { pattern: input.regex }),
    ...(input.format === undefined ? {} : { format: input.format }),
    ...(input.showWhen === undefined ? {} : { showWhen: input.showWhen }),
  }
}

export const stackSummaryOf = ({ id, source, stack }: StackEntry): StackSummary => ({
  ...{ id, name: stack.name, description: stack.description, source },
  apps: stack.apps.map(({ app }) => app),
  inputs: Object.fromEntries(stack.apps.map(({ app, inputs }) => [app, inputs])),
  ...(stack.template === undefined ? {} : { template: stack.template }),
  resources: {
    ...(stack.cores === undefined ? {} : { cores: stack.cores }),
    ...(stack.memory === undefined ? {} : { memory: stack.memory }),
    ...(stack.disk === undefined ? {} : { disk: stack.disk }),
  },
})
