import type { Manifest } from '../catalog/manifest/manifest.ts'
import type { Output } from '../model/install.ts'
import { redactor } from '../secrets/redact.ts'
import { fillIn, type Inputs } from './app.ts'
import type { Provisioned } from './provision.ts'

/** Outputs as the store keeps them, and the values of those that are secret, by key. */
export interface StoredOutputs {
  readonly outputs: readonly Output[]
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * What an app tells its owner: the outputs of the manifest, then those that the script told. The script's value counts where
 * both have one. `{{ip}}`, `{{IP}}` and `{{KEY}}` of inputs are filled in; without an address `{{ip}}` stays. One that shows
 * one of `secrets` is a secret, whatever it is said to be.
 */
export function outputsOf(
  declared: Manifest['outputs'],
  told: Provisioned['outputs'],
  inputs: Inputs,
  { ip, secrets: hidden = [] }: { readonly ip?: string; readonly secrets?: readonly string[] } = {},
): StoredOutputs {
  const hide = redactor(hidden)
  const keys = Object.keys(inputs).filter(key => hidden.includes(String(inputs[key])))
  const isOfSecret = (text: string): boolean => keys.some(key => fillIn(text, { [key]: '' }) !== text)
  const values: Inputs = { ...inputs, ...(ip === undefined ? {} : { ip, IP: ip }) }
  const outputs = new Map<string, Output>()
  const secrets: Record<string, string> = {}
  const add = (key: string, label: string, text: string, isSaid: boolean): void => {
    const value = fillIn(text, values)
    const secret = isSaid || isOfSecret(text) || hide(value) !== value
    outputs.set(key, secret ? { key, label, secret } : { key, label, value })
    delete secrets[key]
    if (secret) secrets[key] = value
  }
  for (const { key, label, value, secret } of declared) add(key, label, value, secret)
  for (const [key, { value, secret }] of told) add(key, outputs.get(key)?.label ?? key, value, secret)
  return { outputs: [...outputs.values()], secrets }
}
