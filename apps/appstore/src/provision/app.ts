import type { InputValue, Manifest, Permissions } from '../catalog/manifest/manifest.ts'

/** What the provisioning of an app needs to know of it. */
export interface ProvisionApp {
  readonly id: string
  /** Folder with `provision/` and perhaps `templates/`. */
  readonly folder: string
  /** Name of the script in `provision/`. */
  readonly script: string
  readonly permissions: Permissions
  /** Environment of the script; `{{KEY}}` stands for an input. */
  readonly env: Readonly<Record<string, string>>
  /** Keys of the inputs whose values are secrets. */
  readonly secrets: readonly string[]
  /** Names in {@link env} whose values are secrets. */
  readonly secretVariables: readonly string[]
  /** Seconds that one action may take. */
  readonly timeout: number
}

/** Seconds, where the manifest says nothing. */
const usualTimeout = 1800

/** The part of a manifest that counts here. */
export function appOf(manifest: Manifest, folder: string): ProvisionApp {
  const { id, permissions, provisioning, inputs } = manifest
  const redacted = new Set(provisioning.redact)
  const secrets = inputs.filter(({ key, type }) => type === 'secret' || redacted.has(key)).map(({ key }) => key)
  // A variable that shows a secret is one.
  const shows = (text: string): boolean => secrets.some(key => text.includes(`{{${key}}}`))
  const variables = Object.entries(provisioning.env).filter(([name, text]) => redacted.has(name) || shows(text))
  return {
    id,
    folder,
    script: provisioning.script,
    permissions,
    env: provisioning.env,
    secrets,
    secretVariables: variables.map(([name]) => name),
    timeout: provisioning.timeout ?? usualTimeout,
  }
}

/** Values of inputs by key. */
export type Inputs = Readonly<Record<string, InputValue>>

/** A text with `{{KEY}}` of inputs filled in; what is no input stays as it is. */
export const fillIn = (text: string, values: Inputs): string =>
  text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? String(values[key]) : whole,
  )

/** The values in a run that must not be shown: those of its secrets, and others that the store keeps of the app. */
export function secretValues(app: ProvisionApp, inputs: Inputs, others: readonly string[] = []): string[] {
  const values = app.secrets.flatMap(key => (Object.hasOwn(inputs, key) ? [String(inputs[key])] : []))
  const variables = app.secretVariables.map(name => fillIn(app.env[name] ?? '', inputs))
  return [...new Set([...values, ...variables, ...others])].filter(value => value.trim() !== '')
}
