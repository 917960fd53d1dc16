import type { Catalog } from '../catalog/catalog.ts'
import { consentDifference } from '../catalog/consent/consent.ts'
import type { Config } from '../config/config.ts'
import type { InstallDoor, InstallView, Terminal, TerminalOptions, Who } from '../contract.ts'
import { AppstoreError } from '../errors/error.ts'
import { type InstallId, newId, parseId } from '../model/id.ts'
import type { Install, Output } from '../model/install.ts'
import type { Job, JobKind } from '../model/job.ts'
import { appsAtHand } from '../operations/at-hand.ts'
import type { GuestDoor } from '../provision/door.ts'
import type { AdoptRequest, Declaration, InstallRequest } from '../requests/requests.ts'
import { type Difference, declare, differences, shownPlan } from './declaration.ts'
import type { LiveGuests } from './live.ts'
import { guestLogs } from './logs.ts'
import { placesOf } from './places.ts'
import { planInstall } from './plan.ts'
import { type ResolvedInstall, resolveInstall } from './resolve.ts'
import {
  type Desk,
  mustBe,
  submit,
  submitInstall,
  submitReconfigure,
  submitResize,
  submitUninstall,
  submitUpgrade,
} from './submit.ts'

/** What the door to installs is made of. */
export interface InstallParts extends Desk {
  readonly catalog: Catalog
  readonly config: Config
  readonly live: LiveGuests
  /** The privileged way into a guest. */
  readonly guestDoor: (vmid: number) => GuestDoor
  readonly openTerminal: (vmid: number, options: TerminalOptions) => Promise<Terminal>
}

/** Installs, as the doors see them. */
export function installDoor(parts: InstallParts): InstallDoor {
  const { tools, catalog, config, live } = parts
  const { store, vault, guests } = tools
  const find = (id: string): Install => {
    const key = parseId<InstallId>(id)
    const install = (key === undefined ? undefined : store.installs.get(key)) ?? store.installs.byName(id)
    if (install === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'There is no such install')
    return install
  }
  const resolve = async (request: InstallRequest): Promise<ResolvedInstall> => {
    const { storages, bridges } = await placesOf(tools.door)
    return resolveInstall(request, catalog.index, config, { storages, bridges: bridges.map(({ name }) => name) })
  }
  const view = async (install: Install, options?: { readonly addresses: boolean }): Promise<InstallView> => {
    const [active] = store.jobs.list({ install: install.id, states: ['queued', 'running', 'undoing'], limit: 1 })
    const now = await live.of(install, options)
    return {
      ...install,
      apps: install.apps.map(app => ({
        ...app,
        outputs: app.outputs.map(output => withAddress(output, now.addresses)),
      })),
      live: now,
      upgrades: upgradesOf(parts, install),
      ...(active === undefined ? {} : { job: active.id }),
      secrets: vault.names(install.id),
    }
  }
  const power = async (kind: JobKind, id: string, who: Who): Promise<Job> => {
    const install = find(id)
    mustBe(install, 'active', 'failed')
    live.forget()
    return submit(parts, kind, install, {}, who)
  }
  /** The way into the guest of an install, which is read back first. */
  const enter = async (id: string): Promise<number> => {
    const install = find(id)
    const { vmid, isRunning } = await guests.own(install.vmid ?? 0, install.id)
    if (!isRunning) throw new AppstoreError('APPSTORE_WRONG_STATE', 'The guest does not run')
    return vmid
  }
  return {
    list: async () => Promise.all(store.installs.list().map(install => view(install, { addresses: true }))),
    get: async id => view(find(id)),
    secret: async (id, key) => {
      const value = vault.get(find(id).id, key)
      if (value === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'The install has no such secret')
      return value
    },
    plan: async request => planInstall(tools, await resolve(request)),
    install: async (request, who) => submitInstall(parts, await resolve(request), request, who),
    start: (id, who) => power('start', id, who),
    stop: (id, who) => power('stop', id, who),
    restart: (id, who) => power('restart', id, who),
    reconfigure: async (id, request, who) => submitReconfigure(parts, find(id), request, who),
    resize: async (id, request, who) => submitResize(parts, find(id), request, who),
    upgrade: async (id, request, who) => submitUpgrade(parts, catalog.index, find(id), request, who),
    uninstall: async (id, request, who) => submitUninstall(parts, find(id), request, who),
    reinstall: async (id, who) => {
      const install = find(id)
      mustBe(install, 'kept')
      return submit(parts, 'reinstall', install, {}, who)
    },
    adopt: async (request, who) => adopt(parts, request, who),
    backup: async (id, storage, who) => {
      const install = find(id)
      mustBe(install, 'active')
      return submit(parts, 'backup', install, storage === undefined ? {} : { storage }, who)
    },
    logs: (id, options) => followed(enter(id), parts, options),
    terminal: async (id, options) => parts.openTerminal(await enter(id), options),
    export: () => declare(store.installs.list()),
    planDeclaration: async wanted => {
      const all = differences(wanted, store.installs.list())
      return shownPlan(all, secretsNeeded(catalog, all))
    },
    applyDeclaration: (wanted, secrets, who) => apply(parts, resolve, wanted, secrets, who),
  }
}

/** An output with the address that the guest has now. */
function withAddress(output: Output, [address]: readonly string[]): Output {
  if (output.value === undefined || address === undefined) return output
  const shown = address.includes(':') ? `[${address}]` : address
  return { ...output, value: output.value.replaceAll(/\{\{\s*(?:ip|IP)\s*\}\}/g, shown) }
}

async function* followed(
  vmid: Promise<number>,
  { guestDoor }: InstallParts,
  options: Parameters<InstallDoor['logs']>[1],
): AsyncIterable<string> {
  yield* guestLogs(guestDoor(await vmid), options)
}

function upgradesOf({ catalog, tools }: InstallParts, install: Install): InstallView['upgrades'] {
  if (install.status !== 'active') return []
  return install.apps.flatMap(({ app, source, version }, n) => {
    const newer = catalog.index.upgradeOf(app, source, version)
    if (newer === undefined) return []
    const old = appsAtHand(tools, install)[n]?.manifest
    const consentChanged = old === undefined || consentDifference(old, newer.manifest).added.length > 0
    return [{ app, from: version, to: newer.manifest.version, consentChanged }]
  })
}

/** Takes a guest under the store's care. Its apps are believed to be what the request says. */
function adopt(parts: InstallParts, { vmid, name, apps }: AdoptRequest, who: Who): Job {
  const { tools, catalog } = parts
  const { installs } = tools.store
  const chosen = name ?? apps[0]?.app ?? `guest-${vmid}`
  if (installs.byName(chosen) !== undefined || installs.byGuest(vmid) !== undefined) {
    throw new AppstoreError('APPSTORE_EXISTS', 'There is an install of that name or guest', { field: 'name' })
  }
  const entries = apps.map(({ app }) => catalog.entry(app))
  const now = Date.now()
  const install: Install = {
    id: newId<InstallId>(),
    name: chosen,
    status: 'installing',
    apps: entries.map(({ id, source, commit }, n) => ({
      ...{ app: id, source, commit, inputs: {}, outputs: [] },
      version: apps[n]?.version ?? '',
    })),
    vmid,
    unprivileged: true,
    onboot: false,
    template: entries[0]?.manifest.guest.template ?? '',
    storage: parts.config.defaults.storage ?? '',
    resources: { cores: 1, memory: 512, disk: 1 },
    network: { bridge: 'vmbr0', ipv4: 'dhcp' },
    volumes: [],
    consent: '',
    createdAt: now,
    updatedAt: now,
  }
  for (const { id, directory } of entries) tools.folders.take(directory, install.id, id)
  return submit(parts, 'adopt', install, { vmid }, who, { prepare: () => installs.add(install) })
}

/** Secret inputs that new installs must have and the declaration does not hold. */
function secretsNeeded(catalog: Catalog, all: readonly Difference[]): readonly string[] {
  return all.flatMap(difference =>
    difference.kind !== 'install'
      ? []
      : difference.wanted.apps.flatMap(({ app, source }) =>
          (catalog.index.get(app, source)?.manifest.inputs ?? [])
            .filter(({ type, required, default: preset }) => type === 'secret' && required && preset === undefined)
            .map(({ key }) => `${difference.wanted.name}/${app}/${key}`),
        ),
  )
}

/** Queues what has to be done. All of it is checked before anything is queued. */
async function apply(
  parts: InstallParts,
  resolve: (request: InstallRequest) => Promise<ResolvedInstall>,
  wanted: Declaration,
  secrets: Readonly<Record<string, string>>,
  who: Who,
): Promise<readonly Job[]> {
  const { principal } = who
  const todo: (() => Job)[] = []
  for (const difference of differences(wanted, parts.tools.store.installs.list())) {
    if (difference.kind === 'install') {
      const request = withSecrets(difference.wanted, secrets)
      const resolved = await resolve(request)
      // Whoever applies a declaration has read it: it names the apps.
      todo.push(() => submitInstall(parts, resolved, { consent: resolved.consent.hash }, { principal }))
    } else if (difference.kind === 'reconfigure') {
      const { install, wanted: one } = difference
      const inputs = Object.fromEntries(one.apps.map(app => [app.app, app.inputs ?? {}]))
      const request = { inputs, resources: one.resources, onboot: one.onboot }
      todo.push(() => submitReconfigure(parts, install, request, { principal }))
    }
  }
  return todo.map(queue => queue())
}

const withSecrets = (request: InstallRequest, secrets: Readonly<Record<string, string>>): InstallRequest => ({
  ...request,
  apps: request.apps.map(app => {
    const prefix = `${request.name}/${app.app}/`
    const own = Object.entries(secrets).filter(([key]) => key.startsWith(prefix))
    return {
      ...app,
      inputs: { ...app.inputs, ...Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])) },
    }
  }),
})
