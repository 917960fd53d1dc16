import type { DeclarationPlan } from '../contract.ts'
import type { Install } from '../model/install.ts'
import type { Declaration, InstallRequest } from '../requests/requests.ts'

type Declared = Declaration['installs'][number]

/**
 * The declared state of what is installed: no secrets, and nothing that only Proxmox knows. Guests that were adopted
 * without an app are left out: nobody could install them.
 */
export function declare(installs: readonly Install[]): Declaration {
  return {
    version: 1,
    installs: installs.filter(({ status, apps }) => status === 'active' && apps.length > 0).map(declared),
  }
}

function declared({ name, apps, template, storage, resources, network, volumes, onboot }: Install): Declared {
  const several = apps.length > 1
  const sizes = volumes.map(volume => [
    several ? `${volume.app}/${volume.name}` : volume.name,
    { size: volume.size, storage: volume.storage },
  ])
  return {
    name,
    apps: apps.map(({ app, source, inputs }) => ({ app, source, inputs })),
    template,
    storage,
    resources,
    network,
    ...(volumes.length === 0 ? {} : { volumes: Object.fromEntries(sizes) }),
    onboot,
  } as Declared
}

/** One difference between what is declared and what is. */
export type Difference =
  | { readonly kind: 'install'; readonly wanted: InstallRequest }
  | {
      readonly kind: 'reconfigure'
      readonly install: Install
      readonly wanted: Declared
      readonly details: readonly string[]
    }
  | { readonly kind: 'same'; readonly install: Install; readonly details: readonly string[] }
  | { readonly kind: 'unmanaged'; readonly install: Install }

/** What has to be done so that all that is declared is there. What is not declared is left alone. */
export function differences(wanted: Declaration, installs: readonly Install[]): readonly Difference[] {
  const byName = new Map(installs.map(install => [install.name, install]))
  const found = wanted.installs.map((one): Difference => {
    const install = byName.get(one.name)
    byName.delete(one.name)
    return install === undefined ? { kind: 'install', wanted: one } : changesOf(install, one)
  })
  return [...found, ...[...byName.values()].map(install => ({ kind: 'unmanaged', install }) as const)]
}

function changesOf(install: Install, wanted: Declared): Difference {
  const {
    cores = install.resources.cores,
    memory = install.resources.memory,
    disk = install.resources.disk,
  } = wanted.resources ?? {}
  const settings = [
    ...(cores === install.resources.cores ? [] : [`cores ${install.resources.cores} to ${cores}`]),
    ...(memory === install.resources.memory ? [] : [`memory ${install.resources.memory} to ${memory} MiB`]),
    ...((wanted.onboot ?? install.onboot) === install.onboot
      ? []
      : [`start at boot ${install.onboot} to ${wanted.onboot}`]),
    ...wanted.apps.flatMap(({ app, inputs = {} }) => {
      const now = install.apps.find(one => one.app === app)?.inputs ?? {}
      return Object.entries(inputs)
        .filter(([key, value]) => now[key] !== value)
        .map(([key]) => `input ${app}/${key}`)
    }),
  ]
  if (disk > install.resources.disk) settings.push(`disk ${install.resources.disk} to ${disk} GiB`)
  if (settings.length > 0) return { kind: 'reconfigure', install, wanted, details: settings }
  const cannot = disk < install.resources.disk ? [`disk stays at ${install.resources.disk} GiB: disks only grow`] : []
  return { kind: 'same', install, details: cannot }
}

/** Differences as they are shown. */
export const shownPlan = (all: readonly Difference[], secretsNeeded: readonly string[]): DeclarationPlan => ({
  changes: all.map(difference => {
    const { kind } = difference
    if (kind === 'install') {
      const { name = '', apps } = difference.wanted
      return { name, change: kind, details: apps.map(({ app }) => app) }
    }
    return { name: difference.install.name, change: kind, details: kind === 'unmanaged' ? [] : difference.details }
  }),
  secretsNeeded,
})
