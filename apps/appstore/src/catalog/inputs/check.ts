import { escapeValue } from '@broker/privexec/escape'
import { AppstoreError, type Problem } from '../../errors/error.ts'
import type { Input, InputValue } from '../manifest/manifest.ts'
import { Secret } from './secret.ts'
import { checkValue } from './value.ts'

/** Values by key of their input. */
export type GivenInputs = Readonly<Record<string, unknown>>

/** All inputs of an app, checked: what may be stored and shown, and what may not. */
export interface AcceptedInputs {
  readonly values: Readonly<Record<string, InputValue>>
  readonly secrets: Readonly<Record<string, Secret>>
}

export interface InputContext {
  /** Goes before the key in `field` of a problem; `inputs` where none is given. */
  readonly prefix?: string
  /** Values that the install has: only reconfigurable inputs may then get others. */
  readonly current?: AcceptedInputs
}

/**
 * Checks what was given against the inputs of a manifest: defaults are filled in, then each value is checked. A required
 * input may be empty only while its condition hides it. All problems are told, none of which holds a value.
 */
export function checkInputs(
  inputs: readonly Input[],
  given: GivenInputs,
  context: InputContext = {},
): AcceptedInputs & { readonly problems: readonly Problem[] } {
  const { prefix = 'inputs', current } = context
  const problems: Problem[] = []
  const report = (key: string, message: string) => problems.push({ field: `${prefix}.${key}`, message })
  const known = new Set(inputs.map(({ key }) => key))
  for (const key of Object.keys(given)) {
    if (!known.has(key)) report(plainKey(key), 'the app has no such input')
  }
  const read = new Map<string, InputValue | Secret>()
  const refused = new Set<string>()
  for (const input of inputs) {
    const value = own(given, input.key)
    const before = current && (own(current.values, input.key) ?? own(current.secrets, input.key))
    const checked = takeValue(input, value, before)
    if (checked === undefined) continue
    if ('fault' in checked) {
      report(input.key, checked.fault)
      refused.add(input.key)
    } else {
      read.set(input.key, checked.value)
      if (current && !input.reconfigurable && !isSame(checked.value, before)) {
        report(input.key, 'cannot be changed after the install')
      }
    }
  }
  for (const input of inputs) {
    if (input.required && !read.has(input.key) && !refused.has(input.key) && isShown(input, inputs, read)) {
      report(input.key, 'is required')
    }
  }
  const values: Record<string, InputValue> = {}
  const secrets: Record<string, Secret> = {}
  for (const [key, value] of read) {
    if (value instanceof Secret) secrets[key] = value
    else values[key] = value
  }
  return { values, secrets, problems }
}

/** As {@link checkInputs}. @throws {AppstoreError} `APPSTORE_INPUT_INVALID` with all problems. */
export function acceptInputs(inputs: readonly Input[], given: GivenInputs, context: InputContext = {}): AcceptedInputs {
  const { problems, ...accepted } = checkInputs(inputs, given, context)
  const [first] = problems
  if (first === undefined) return accepted
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  const message = `${first.field}: ${first.message}${more}`
  throw new AppstoreError('APPSTORE_INPUT_INVALID', message, { field: first.field, problems })
}

/** What was given, else what the install has, else the default; an empty text clears a text and counts as not given else. */
function takeValue(
  input: Input,
  given: unknown,
  before: InputValue | Secret | undefined,
): ReturnType<typeof checkValue> | undefined {
  const isText = input.type === 'string' || input.type === 'secret'
  if (given === '' && isText && !input.required) return input.type === 'string' ? { value: '' } : undefined
  if (given !== undefined && given !== null && given !== '') return checkValue(input, given)
  if (before !== undefined && before !== '') return { value: before }
  return input.default === undefined ? undefined : checkValue(input, input.default)
}

/** A key such as `constructor` is found where it was given only. */
const own = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined

const isSame = (value: InputValue | Secret, before: InputValue | Secret | undefined): boolean =>
  value instanceof Secret ? before instanceof Secret && before.reveal() === value.reveal() : value === before

/** Whether an input is asked for: the one that it depends on is shown, and has one of the values. */
export function isShown(
  input: Input,
  inputs: readonly Input[],
  values: ReadonlyMap<string, InputValue | Secret>,
): boolean {
  const { showWhen } = input
  if (showWhen === undefined) return true
  const other = inputs.find(({ key }) => key === showWhen.input)
  const value = values.get(showWhen.input)
  if (other === undefined || !isShown(other, inputs, values)) return false
  return value !== undefined && showWhen.values.includes(value instanceof Secret ? value.reveal() : String(value))
}

/** A key that no input has, as it can stand in the name of a field. */
const plainKey = (key: string): string => (/^[A-Za-z0-9_.-]{1,64}$/.test(key) ? key : escapeValue(key))
