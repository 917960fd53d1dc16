import { invalid } from './invalid.ts'

declare const brand: unique symbol

/** Major version of PostgreSQL. */
export type Version = number & { readonly [brand]: 'version' }

const [oldest, newest] = [13, 18]

/** Whether pgd knows this version. */
export const isVersion = (version: number): version is Version =>
  Number.isInteger(version) && version >= oldest && version <= newest

/** Reads a major version. Rejects with `PGD_INPUT_INVALID`. */
export function parseVersion(text: string | number, field = 'version'): Version {
  const version = typeof text === 'number' ? text : /^[1-9]\d$/.test(text) ? Number(text) : Number.NaN
  if (isVersion(version)) return version
  const minor = /^(\d\d)\.\d{1,3}$/.exec(String(text))?.[1]
  const hint = minor === undefined ? undefined : `Give the major version only: ${minor}`
  throw invalid(field, text, `is no major version of PostgreSQL that pgd knows: ${oldest} to ${newest}`, hint)
}
