import { escapeValue } from '@broker/privexec/escape'
import { readYaml } from '../yaml/read.ts'
import { type AppDocument, appSchema, typedKeys } from './app-schema.ts'
import { type Folder, textOf } from './files.ts'
import type { Input, Manifest, OutputSpec, Permissions } from './manifest.ts'
import { type CatalogProblem, fit, Problems } from './problem.ts'
import { readGuest, readVolumes } from './read-guest.ts'
import { readInputs } from './read-inputs.ts'

/** Largest manifest in bytes. */
export const largestManifest = 262_144

/** A file of the catalog that was read: its content, unless it has an error, and all that is wrong with it. */
export interface Reading<T> {
  readonly value?: T
  readonly problems: readonly CatalogProblem[]
}

/** Reads the manifest of the app in a folder, whose own name must be the id of the app. Never throws. */
export function readApp(folder: Folder, id: string): Reading<Manifest> {
  const file = `${folder.name}/app.yml`
  const bytes = folder.read('app.yml', largestManifest)
  const text = bytes && textOf(bytes)
  if (text === undefined) return { problems: [unreadable(file, largestManifest)] }
  const yaml = readYaml(text, typedKeys)
  const problems = new Problems(file, yaml)
  const document = fit(appSchema, yaml, problems)
  if (document === undefined) return { problems: problems.all }
  if (document.id !== id) problems.error(['id'], `must be the name of its folder, ${escapeValue(id)}`)
  const value = manifestOf(document, folder, problems)
  return problems.failed ? { problems: problems.all } : { value, problems: problems.all }
}

/** The problem of a file that cannot be read at all. */
export const unreadable = (file: string, limit: number): CatalogProblem => ({
  ...{ severity: 'error', field: '', file, line: 1, column: 1 },
  message: `must be a regular file in UTF-8 of at most ${limit} bytes`,
})

function manifestOf(document: AppDocument, folder: Folder, problems: Problems): Manifest {
  const inputs = readInputs(document.inputs ?? [], folder, problems)
  return {
    id: document.id,
    name: document.name,
    description: document.description.trim(),
    overview: document.overview?.trim() ?? '',
    version: document.version,
    categories: [...new Set(document.categories)],
    tags: [...new Set(document.tags ?? [])],
    homepage: address(document, 'homepage', problems),
    license: document.license ?? '',
    icon: address(document, 'icon', problems),
    official: document.official ?? false,
    featured: document.featured ?? false,
    maintainers: document.maintainers ?? [],
    guest: readGuest(document.lxc, problems),
    inputs,
    provisioning: provisioningOf(document.provisioning, folder, problems),
    permissions: permissionsOf(document.permissions ?? {}, problems),
    outputs: outputsOf(document.outputs ?? [], inputs, problems),
    gpu: {
      supported: document.gpu?.supported ?? [],
      required: document.gpu?.required ?? false,
      profiles: document.gpu?.profiles ?? [],
      notes: document.gpu?.notes?.trim() ?? '',
    },
    volumes: readVolumes(document.volumes ?? [], problems),
  }
}

/** An address for a link or an icon: of the web, or nothing. */
function address(document: AppDocument, key: 'homepage' | 'icon', problems: Problems): string {
  const text = document[key] ?? ''
  if (text === '' || /^https?:\/\/[!#-;=?-[\]_a-~]+$/.test(text)) return text
  problems.error([key], 'must begin with https:// or http://')
  return ''
}

const largestScript = 1_048_576

function provisioningOf(
  written: AppDocument['provisioning'],
  folder: Folder,
  problems: Problems,
): Manifest['provisioning'] {
  // Only the base name was ever used, so a script is in the folder `provision` whatever stands before it.
  const script = written.script.slice(written.script.lastIndexOf('/') + 1)
  if (!folder.has(`provision/${script}`, largestScript)) {
    problems.error(['provisioning', 'script'], `there is no file provision/${script} in the folder of the app`)
  }
  if (written.assets?.length) problems.warning(['provisioning', 'assets'], 'is not used: all of provision is copied')
  if (written.user && written.user !== 'root')
    problems.warning(['provisioning', 'user'], 'is not used: scripts run as root')
  return {
    script,
    env: { ...written.env },
    ...(written.timeout_sec === undefined ? {} : { timeout: written.timeout_sec }),
    redact: written.redact_keys ?? [],
  }
}

function permissionsOf(written: NonNullable<AppDocument['permissions']>, problems: Problems): Permissions {
  for (const [index, path] of (written.paths ?? []).entries()) {
    if (!path.startsWith('/') || path.split('/').includes('..')) {
      problems.error(['permissions', 'paths', index], 'must be absolute, without ".."')
    }
  }
  return {
    packages: written.packages ?? [],
    pip: written.pip ?? [],
    urls: written.urls ?? [],
    paths: written.paths ?? [],
    services: written.services ?? [],
    users: written.users ?? [],
    commands: written.commands ?? [],
    installerScripts: written.installer_scripts ?? [],
    aptRepos: written.apt_repos ?? [],
  }
}

function outputsOf(
  written: NonNullable<AppDocument['outputs']>,
  inputs: readonly Input[],
  problems: Problems,
): OutputSpec[] {
  const keys = new Set<string>()
  return written.map((output, index) => {
    if (keys.has(output.key)) problems.error(['outputs', index, 'key'], 'the key is there twice')
    keys.add(output.key)
    const named = [...output.value.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = '']) => name.trim())
    const shown = inputs.filter(({ key }) => named.includes(key))
    const unknown = named.find(name => !/^ip$/i.test(name) && !inputs.some(({ key }) => key === name))
    if (unknown !== undefined) {
      problems.warning(['outputs', index, 'value'], `there is no input ${escapeValue(unknown)}`)
    }
    return { ...output, secret: shown.some(({ type }) => type === 'secret') }
  })
}
