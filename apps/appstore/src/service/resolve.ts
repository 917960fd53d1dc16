import { type Consent, consentOf } from '../catalog/consent/consent.ts'
import type { CatalogIndex } from '../catalog/index/catalog-index.ts'
import type { AppEntry } from '../catalog/index/entry.ts'
import { acceptInputs } from '../catalog/inputs/check.ts'
import type { Secret } from '../catalog/inputs/secret.ts'
import type { Config } from '../config/config.ts'
import { AppstoreError } from '../errors/error.ts'
import { type InstallId, newId } from '../model/id.ts'
import type { Install, InstalledApp, Network, Volume } from '../model/install.ts'
import type { InstallRequest } from '../requests/requests.ts'

/** What an install is to be, all of it checked; secrets stand apart, by `app/key`. */
export interface ResolvedInstall {
  readonly install: Install
  readonly entries: readonly AppEntry[]
  readonly secrets: Readonly<Record<string, string>>
  readonly consent: Consent
  readonly warnings: readonly string[]
}

/** What the node has, as far as it matters to where an install goes. */
export interface NodePlaces {
  /** Storages that take root disks, with free bytes. */
  readonly storages: readonly { readonly name: string; readonly free: number }[]
  readonly bridges: readonly string[]
}

const bytesOfGiB = 1024 ** 3

/**
 * Makes of a request what is to be installed: apps from the catalog, inputs with their defaults, places from the
 * configuration or the node.
 * @throws {AppstoreError} `APPSTORE_NOT_FOUND`, `APPSTORE_INPUT_INVALID` with the field, `APPSTORE_ROOT_ONLY`,
 *   `APPSTORE_NO_SPACE`.
 */
export function resolveInstall(
  request: InstallRequest,
  catalog: CatalogIndex,
  config: Config,
  places: NodePlaces,
): ResolvedInstall {
  const entries = request.apps.map(({ app, source }, n) => find(catalog, app, source, `apps[${n}].app`))
  const consent = consentOf(entries.map(({ manifest }) => manifest))
  if (consent.refused.length > 0) throw new AppstoreError('APPSTORE_ROOT_ONLY', consent.refused.join('; '))
  const secrets: Record<string, string> = {}
  const apps = entries.map((entry, n): InstalledApp => {
    const given = request.apps[n]?.inputs ?? {}
    const accepted = acceptInputs(entry.manifest.inputs, given, { prefix: `apps[${n}].inputs` })
    Object.assign(secrets, secretsByName(entry.id, accepted.secrets))
    const { version } = entry.manifest
    return { app: entry.id, version, source: entry.source, commit: entry.commit, inputs: accepted.values, outputs: [] }
  })
  const storage = request.storage ?? config.defaults.storage ?? mostFree(places)
  const volumes = volumesOf(entries, request, storage)
  const install = { ...placed(request, entries, config, storage), apps, volumes, consent: consent.hash }
  checkPlaces(install, places)
  return { install, entries, secrets, consent, warnings: warningsOf(entries, places) }
}

/** Secrets as the vault has them. */
export const secretsByName = (app: string, secrets: Readonly<Record<string, Secret>>): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [`${app}/${key}`, secret.reveal()]))

function placed(
  request: InstallRequest,
  entries: readonly AppEntry[],
  config: Config,
  storage: string,
): Omit<Install, 'apps' | 'volumes' | 'consent'> {
  const guests = entries.map(({ manifest }) => manifest.guest)
  const templates = new Set(guests.map(({ template }) => template))
  if (request.template === undefined && templates.size > 1) {
    throw invalid('template', `must be given: the apps want ${[...templates].join(' and ')}`)
  }
  const sum = (of: (guest: (typeof guests)[number]) => number): number =>
    guests.reduce((total, guest) => total + of(guest), 0)
  const network = networkOf(request, config)
  if (guests.some(({ requireStaticIp }) => requireStaticIp) && !network.ipv4.includes('/')) {
    throw invalid('network.ipv4', 'must be an address with /prefix: the app needs one that stays')
  }
  const now = Date.now()
  return {
    id: newId<InstallId>(),
    name: request.name ?? (entries[0] as AppEntry).id,
    status: 'installing',
    unprivileged: guests.every(({ unprivileged }) => unprivileged),
    onboot: request.onboot ?? config.defaults.onboot ?? guests.some(({ onboot }) => onboot),
    template: request.template ?? (guests[0]?.template as string),
    storage,
    resources: {
      cores: request.resources?.cores ?? Math.max(...guests.map(({ cores }) => cores)),
      memory: request.resources?.memory ?? sum(({ memory }) => memory),
      disk: request.resources?.disk ?? sum(({ disk }) => disk),
    },
    network,
    createdAt: now,
    updatedAt: now,
  }
}

function networkOf({ network = {} }: InstallRequest, { defaults }: Config): Network {
  const given = { bridge: 'vmbr0', ipv4: 'dhcp', ...defaults.network, ...network }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as Network
}

function volumesOf(entries: readonly AppEntry[], request: InstallRequest, storage: string): readonly Volume[] {
  const several = entries.length > 1
  const given = new Map(Object.entries(request.volumes ?? {}))
  let slot = 0
  const volumes = entries.flatMap(({ id, manifest }) =>
    manifest.volumes
      .filter(({ type }) => type === 'volume')
      .map(({ name, path, size }): Volume => {
        const key = several ? `${id}/${name}` : name
        const wanted = given.get(key)
        given.delete(key)
        return {
          app: id,
          name,
          path,
          size: wanted?.size ?? size,
          storage: wanted?.storage ?? storage,
          slot: `mp${slot++}`,
        }
      }),
  )
  const [unknown] = given.keys()
  if (unknown !== undefined) throw invalid(`volumes.${unknown}`, 'the apps have no such volume')
  const paths = new Set<string>()
  for (const { path } of volumes) {
    if (paths.has(path)) throw invalid('apps', `two apps want a volume at ${path}`)
    paths.add(path)
  }
  return volumes
}

function checkPlaces(
  { storage, volumes, resources, network }: Pick<Install, 'storage' | 'volumes' | 'resources' | 'network'>,
  places: NodePlaces,
): void {
  const wanted = new Map([[storage, resources.disk]])
  for (const volume of volumes) wanted.set(volume.storage, (wanted.get(volume.storage) ?? 0) + volume.size)
  for (const [name, size] of wanted) {
    const found = places.storages.find(one => one.name === name)
    if (found === undefined) {
      const known = places.storages.map(one => one.name).join(', ') || 'none'
      throw invalid('storage', `"${name}" is no storage for guests that the token may use (${known})`)
    }
    if (found.free < size * bytesOfGiB) {
      const free = Math.floor(found.free / bytesOfGiB)
      throw new AppstoreError('APPSTORE_NO_SPACE', `Storage ${name} has ${free} GiB free, ${size} GiB are wanted`, {
        field: 'storage',
      })
    }
  }
  if (!places.bridges.includes(network.bridge)) {
    throw invalid('network.bridge', `is none that the token may use (${places.bridges.join(', ') || 'none'})`)
  }
}

function mostFree({ storages }: NodePlaces): string {
  const [best] = [...storages].sort((a, b) => b.free - a.free)
  if (best !== undefined) return best.name
  throw new AppstoreError('APPSTORE_NOT_SET_UP', 'The token may use no storage for guests', { field: 'storage' })
}

function find(catalog: CatalogIndex, app: string, source: string | undefined, field: string): AppEntry {
  const entry = catalog.get(app, source)
  if (entry !== undefined) return entry
  throw new AppstoreError('APPSTORE_NOT_FOUND', `The catalog has no app ${app}`, { field })
}

function warningsOf(entries: readonly AppEntry[], { storages }: NodePlaces): readonly string[] {
  const optional = entries.flatMap(({ id, manifest }) =>
    manifest.volumes
      .filter(({ type }) => type === 'bind')
      .map(({ name }) => `${id}: the folder "${name}" of the host is left out`),
  )
  return storages.length === 0 ? [...optional, 'The token sees no storage'] : optional
}

const invalid = (field: string, message: string): AppstoreError =>
  new AppstoreError('APPSTORE_INPUT_INVALID', `${field}: ${message}`, { field, problems: [{ field, message }] })
