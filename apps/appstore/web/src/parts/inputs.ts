import { ApiError } from '../api/client.ts'
import type { InputField } from '../api/types.ts'

export type InputValue = string | number | boolean
/** Values of an app's inputs, by key. */
export type Values = Readonly<Record<string, InputValue>>

/** What a form begins with. */
export function defaultsOf(fields: readonly InputField[]): Values {
  return Object.fromEntries(fields.flatMap(({ key, default: value }) => (value === undefined ? [] : [[key, value]])))
}

/** Inputs that are shown for these values: those whose condition holds, and the conditions of that. */
export function shownFields(fields: readonly InputField[], values: Values): readonly InputField[] {
  const isShown = (field: InputField, depth: number): boolean => {
    if (field.showWhen === undefined || depth > fields.length) return true
    const { input, values: wanted } = field.showWhen
    const other = fields.find(({ key }) => key === input)
    return other !== undefined && isShown(other, depth + 1) && wanted.includes(String(values[input] ?? ''))
  }
  return fields.filter(field => isShown(field, 0))
}

/** Inputs by their group, in the order of the manifest. */
export function groupsOf(fields: readonly InputField[]): readonly (readonly [string, readonly InputField[]])[] {
  return [...Map.groupBy(fields, ({ group }) => group ?? '')]
}

/** Values that are sent: those of inputs that are shown. */
export function sentValues(fields: readonly InputField[], values: Values): Values {
  const keys = shownFields(fields, values).map(({ key }) => key)
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)))
}

/** What the answer says of one input of an app. */
export function errorOf(error: unknown, app: string, key: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const { problem } = error
  const all = problem.problems ?? (problem.field ? [{ field: problem.field, message: problem.detail }] : [])
  return all.find(({ field }) =>
    [`inputs.${key}`, `${app}.${key}`, `${app}/${key}`, key].some(name => isEnd(field, name)),
  )?.message
}

const isEnd = (field: string, name: string): boolean => field === name || field.endsWith(`.${name}`)

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'

/** A password of letters and digits that are not mistaken for each other: 24 of them, where the limits allow. */
export function newPassword(shortest = 0, longest = Number.POSITIVE_INFINITY): string {
  const length = Math.min(Math.max(24, shortest), longest)
  let text = ''
  while (text.length < length) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    // Bytes from 228 on would make some letters likelier.
    if (byte < 4 * letters.length) text += letters[byte % letters.length]
  }
  return text
}
