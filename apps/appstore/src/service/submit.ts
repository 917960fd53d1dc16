import { consentOf } from '../catalog/consent/consent.ts'
import type { CatalogIndex } from '../catalog/index/catalog-index.ts'
import type { AppEntry } from '../catalog/index/entry.ts'
import { acceptInputs } from '../catalog/inputs/check.ts'
import { Secret } from '../catalog/inputs/secret.ts'
import type { Who } from '../contract.ts'
import { AppstoreError } from '../errors/error.ts'
import type { JobEngine } from '../jobs/engine.ts'
import { type JobId, newId } from '../model/id.ts'
import type { Install, InstalledApp } from '../model/install.ts'
import type { Job, JobKind } from '../model/job.ts'
import { appsAtHand } from '../operations/at-hand.ts'
import type { ReconfigureInput } from '../operations/reconfigure.ts'
import type { Toolbox } from '../operations/toolbox.ts'
import type { UpgradeInput } from '../operations/upgrade.ts'
import type { ReconfigureRequest, ResizeRequest, UninstallRequest, UpgradeRequest } from '../requests/requests.ts'
import { type ResolvedInstall, secretsByName } from './resolve.ts'

/** What jobs are submitted with. */
export interface Desk {
  readonly tools: Toolbox
  readonly engine: JobEngine
}

type Input = Readonly<Record<string, unknown>>

/** Queues a job on an install, with the secrets that came with its request. */
export function submit(
  { tools, engine }: Desk,
  kind: JobKind,
  install: Install,
  input: Input,
  who: Who,
  extra: { readonly secrets?: Readonly<Record<string, string>>; readonly prepare?: () => void } = {},
): Job {
  const id = newId<JobId>()
  const { principal, idempotencyKey } = who
  const job = {
    id,
    kind,
    install: install.id,
    principal,
    input,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
  return engine.submit(job, () => {
    extra.prepare?.()
    for (const [name, value] of Object.entries(extra.secrets ?? {})) tools.vault.set(id, name, value)
  })
}

/** @throws {AppstoreError} `APPSTORE_EXISTS` for a name that is taken, `APPSTORE_CONSENT_REQUIRED`. */
export function submitInstall(
  desk: Desk,
  resolved: ResolvedInstall,
  request: { readonly consent?: string | undefined; readonly keepFailed?: boolean | undefined },
  who: Who,
): Job {
  const { tools } = desk
  const { install, entries, secrets, consent } = resolved
  const { idempotencyKey } = who
  const isRepeated = idempotencyKey !== undefined && tools.store.jobs.byKey(idempotencyKey) !== undefined
  if (!isRepeated && tools.store.installs.byName(install.name) !== undefined) {
    throw new AppstoreError('APPSTORE_EXISTS', `There is an install ${install.name}`, { field: 'name' })
  }
  agree(request.consent, consent)
  if (!isRepeated) for (const { id, directory } of entries) tools.folders.take(directory, install.id, id)
  const input = { keepFailed: request.keepFailed ?? false, apps: install.apps.map(({ app }) => app) }
  const prepare = (): void => tools.store.installs.add(install)
  return submit(desk, 'install', install, input, who, { secrets, prepare })
}

/** @throws {AppstoreError} `APPSTORE_CONSENT_REQUIRED` when something is asked for that was not agreed to. */
export function agree(
  given: string | undefined,
  { hash, items }: { readonly hash: string; readonly items: readonly unknown[] },
): void {
  if (given === hash || items.length === 0) return
  throw new AppstoreError('APPSTORE_CONSENT_REQUIRED', 'What the app asks for has to be agreed to', {
    field: 'consent',
    hint: `Read what it asks for, then send consent ${hash}`,
  })
}

/** @throws {AppstoreError} `APPSTORE_INPUT_INVALID` for inputs that are not of their kind or cannot be changed. */
export function submitReconfigure(desk: Desk, install: Install, request: ReconfigureRequest, who: Who): Job {
  mustBe(install, 'active')
  const inputs: Record<string, InstalledApp['inputs']> = {}
  const secrets: Record<string, string> = {}
  const secretsOf: string[] = []
  const wanted = new Map(Object.entries(request.inputs ?? {}))
  for (const { app, manifest, inputs: values } of appsAtHand(desk.tools, install)) {
    const given = wanted.get(app)
    wanted.delete(app)
    if (given === undefined) continue
    const current = { values, secrets: storedSecrets(desk.tools, install, app) }
    const accepted = acceptInputs(manifest.inputs, given, { prefix: `inputs.${app}`, current })
    inputs[app] = accepted.values
    const changed = Object.entries(accepted.secrets).filter(
      ([key, secret]) => current.secrets[key]?.reveal() !== secret.reveal(),
    )
    Object.assign(secrets, secretsByName(app, Object.fromEntries(changed)))
    if (changed.length > 0) secretsOf.push(app)
  }
  const [unknown] = wanted.keys()
  if (unknown !== undefined) {
    throw new AppstoreError('APPSTORE_INPUT_INVALID', `inputs.${unknown}: the install has no such app`, {
      field: `inputs.${unknown}`,
    })
  }
  const { cores, memory, disk } = request.resources ?? {}
  if (disk !== undefined && disk < install.resources.disk) {
    const message = `resources.disk: disks only grow, and it has ${install.resources.disk} GiB`
    throw new AppstoreError('APPSTORE_INPUT_INVALID', message, { field: 'resources.disk' })
  }
  const input: ReconfigureInput = {
    ...(cores === undefined ? {} : { cores }),
    ...(memory === undefined ? {} : { memory }),
    ...(disk === undefined || disk === install.resources.disk ? {} : { disk }),
    ...(request.onboot === undefined ? {} : { onboot: request.onboot }),
    inputs,
    secretsOf,
  }
  return submit(desk, 'reconfigure', install, { ...input }, who, { secrets })
}

export function submitResize(desk: Desk, install: Install, { volume, size }: ResizeRequest, who: Who): Job {
  mustBe(install, 'active')
  const found = install.volumes.find(one => one.name === volume || `${one.app}/${one.name}` === volume)
  if (volume !== 'root' && found === undefined) {
    throw new AppstoreError('APPSTORE_INPUT_INVALID', 'volume: the install has no such volume', { field: 'volume' })
  }
  const now = found?.size ?? install.resources.disk
  if (size < now) {
    throw new AppstoreError('APPSTORE_INPUT_INVALID', `size: disks only grow, and it has ${now} GiB`, { field: 'size' })
  }
  return submit(desk, 'resize', install, { slot: found?.slot ?? 'rootfs', size }, who)
}

/** @throws {AppstoreError} `APPSTORE_WRONG_STATE` when nothing is newer, `APPSTORE_CONSENT_REQUIRED`. */
export function submitUpgrade(
  desk: Desk,
  catalog: CatalogIndex,
  install: Install,
  request: UpgradeRequest,
  who: Who,
): Job {
  mustBe(install, 'active')
  const { tools } = desk
  const entries = install.apps.map(({ app, source }) => newerOrSame(catalog, app, source))
  if (!install.apps.some(({ app, source, version }) => catalog.upgradeOf(app, source, version) !== undefined)) {
    throw new AppstoreError('APPSTORE_WRONG_STATE', 'The catalog has no newer version')
  }
  const consent = consentOf(entries.map(({ manifest }) => manifest))
  if (consent.hash !== install.consent) agree(request.consent, consent)
  const secrets: Record<string, string> = {}
  const apps = entries.map((entry, n) => {
    const { app, inputs } = install.apps[n] as InstalledApp
    const known = new Set(entry.manifest.inputs.map(({ key }) => key))
    const current = { ...inputs, ...storedSecrets(tools, install, app) }
    const given = Object.fromEntries(Object.entries(current).filter(([key]) => known.has(key)))
    const accepted = acceptInputs(entry.manifest.inputs, given, { prefix: `inputs.${app}` })
    Object.assign(secrets, secretsByName(app, accepted.secrets))
    return { version: entry.manifest.version, source: entry.source, commit: entry.commit, inputs: accepted.values }
  })
  const { safety, backupStorage } = request
  const input: UpgradeInput = {
    safety,
    apps,
    consent: consent.hash,
    ...(backupStorage === undefined ? {} : { backupStorage }),
  }
  const prepare = (): void => {
    for (const entry of entries) {
      tools.folders.dropNext(install.id, entry.id)
      tools.folders.take(entry.directory, install.id, entry.id, 'next')
    }
  }
  return submit(desk, 'upgrade', install, { ...input }, who, { secrets, prepare })
}

export function submitUninstall(desk: Desk, install: Install, { keep }: UninstallRequest, who: Who): Job {
  const names = install.volumes.map(one => [one, [one.name, `${one.app}/${one.name}`]] as const)
  if (Array.isArray(keep)) {
    const unknown = keep.findIndex(name => !names.some(([, known]) => known.includes(name)))
    if (unknown >= 0) {
      const field = `keep[${unknown}]`
      throw new AppstoreError('APPSTORE_INPUT_INVALID', `${field}: the install has no such volume`, { field })
    }
  }
  const isKept = (known: readonly string[]): boolean =>
    Array.isArray(keep) ? keep.some(name => known.includes(name)) : keep
  const slots = names.filter(([, known]) => isKept(known)).map(([{ slot }]) => slot)
  // Of a kept install nothing but its volumes is there.
  if (slots.length > 0) mustBe(install, 'active', 'failed')
  return submit(desk, 'uninstall', install, { keep: slots }, who)
}

/** @throws {AppstoreError} `APPSTORE_WRONG_STATE` */
export function mustBe({ status }: Install, ...wanted: readonly Install['status'][]): void {
  if (wanted.includes(status)) return
  throw new AppstoreError('APPSTORE_WRONG_STATE', `The install is ${status}, not ${wanted.join(' or ')}`)
}

export const storedSecrets = ({ vault }: Toolbox, { id }: Install, app: string): Record<string, Secret> =>
  Object.fromEntries(
    Object.entries(vault.all(id))
      .filter(([name]) => name.startsWith(`${app}/`))
      .map(([name, value]) => [name.slice(app.length + 1), new Secret(value)]),
  )

function newerOrSame(catalog: CatalogIndex, app: string, source: string): AppEntry {
  const entry = catalog.get(app, source)
  if (entry !== undefined) return entry
  throw new AppstoreError('APPSTORE_NOT_FOUND', `The catalog source ${source} has no app ${app} any more`)
}
