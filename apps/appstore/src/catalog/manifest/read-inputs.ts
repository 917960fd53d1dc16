import { escapeValue } from '@broker/privexec/escape'
import { checkValue } from '../inputs/value.ts'
import { safePattern } from '../pattern/match.ts'
import { PatternFault } from '../pattern/parse.ts'
import { readYaml } from '../yaml/read.ts'
import type { AppDocument } from './app-schema.ts'
import { type Folder, textOf } from './files.ts'
import type { Input, InputValue } from './manifest.ts'
import type { Problems } from './problem.ts'

type Written = NonNullable<AppDocument['inputs']>[number]
type Checks = NonNullable<Written['validation']>

/** Inputs of a manifest, checked against each other. */
export function readInputs(written: readonly Written[], folder: Folder, problems: Problems): Input[] {
  const keys = new Set<string>()
  for (const [index, { key }] of written.entries()) {
    if (keys.has(key)) problems.error(['inputs', index, 'key'], `the key ${escapeValue(key)} is there twice`)
    keys.add(key)
  }
  const inputs = written.map((input, index) => readInput(input, index, folder, problems))
  for (const [index, { showWhen }] of inputs.entries()) {
    if (showWhen && !keys.has(showWhen.input)) {
      problems.error(['inputs', index, 'show_when', 'input'], `there is no input ${escapeValue(showWhen.input)}`)
    }
  }
  const circle = inputs.findIndex(input => isCircular(input, inputs))
  if (circle >= 0) problems.error(['inputs', circle, 'show_when'], 'the conditions lead back to this input')
  return inputs
}

function readInput(written: Written, index: number, folder: Folder, problems: Problems): Input {
  const { type, validation: checks = {} } = written
  const at = ['inputs', index] as const
  checkRules(written, checks, index, problems)
  const options = optionsOf(checks, index, folder, problems)
  if (type === 'select' && options === undefined && checks.enum_dir === undefined) {
    problems.error(at, 'a select needs validation.enum or validation.enum_dir')
  }
  const initial = defaultOf(written)
  if (initial === null) problems.error([...at, 'default'], `is not a ${type}`)
  else if (initial !== undefined && options && !options.some(option => String(option) === String(initial))) {
    problems.error([...at, 'default'], 'is not one of the values of validation.enum')
  }
  const input = inputOf(written, checks, initial ?? undefined, options)
  if (initial !== undefined && initial !== null && !problems.failed) {
    const checked = checkValue(input, initial)
    if ('fault' in checked)
      problems.warning([...at, 'default'], `does not fit the rules of the input: ${checked.fault}`)
  }
  return input
}

function inputOf(
  written: Written,
  checks: Checks,
  initial: InputValue | undefined,
  options: readonly InputValue[] | undefined,
): Input {
  const { regex, format, min, max, min_length: minLength, max_length: maxLength } = checks
  return {
    key: written.key,
    label: written.label,
    type: written.type,
    ...(initial === undefined ? {} : { default: initial }),
    required: written.required ?? false,
    reconfigurable: written.reconfigurable ?? false,
    help: written.help ?? '',
    description: written.description ?? '',
    group: written.group ?? '',
    ...(regex === undefined ? {} : { regex }),
    ...(format === undefined ? {} : { format }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(options === undefined ? {} : { options }),
    ...(written.show_when === undefined
      ? {}
      : { showWhen: { input: written.show_when.input, values: written.show_when.values.map(String) } }),
  }
}

/** The default in the input's type; undefined when there is none, null when it is not of that type. */
function defaultOf({ type, default: value }: Written): InputValue | undefined | null {
  if (value === undefined || value === '') return undefined
  if (type === 'number') {
    const number = typeof value === 'string' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(value) ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : null
  }
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value
    return value === 'true' ? true : value === 'false' ? false : null
  }
  return String(value)
}

/** Rules that contradict each other, or mean nothing for the type. */
function checkRules({ type }: Written, checks: Checks, index: number, problems: Problems): void {
  const at = ['inputs', index, 'validation'] as const
  const { regex, format, min, max, min_length: shortest, max_length: longest } = checks
  if (regex !== undefined) {
    try {
      safePattern(regex)
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error
      problems.error([...at, 'regex'], `cannot be used: ${error.message}`)
    }
  }
  const isText = type === 'string' || type === 'secret'
  for (const key of ['regex', 'format', 'min_length', 'max_length'] as const) {
    if (checks[key] !== undefined && !isText) problems.error([...at, key], `means nothing for a ${type}`)
  }
  for (const key of ['min', 'max'] as const) {
    if (checks[key] !== undefined && type !== 'number') problems.error([...at, key], `means nothing for a ${type}`)
  }
  if (format !== undefined && type === 'secret') problems.error([...at, 'format'], 'means nothing for a secret')
  if (min !== undefined && max !== undefined && min > max) problems.error([...at, 'min'], 'is above max')
  if (shortest !== undefined && longest !== undefined && shortest > longest) {
    problems.error([...at, 'min_length'], 'is above max_length')
  }
  if (checks.enum !== undefined && checks.enum_dir !== undefined) {
    problems.error([...at, 'enum_dir'], 'cannot stand beside enum')
  }
}

const mostOptions = 1000
const largestOption = 65_536

/** What may be chosen: as listed, or the `id` of each `.yml` file of a folder of the app. */
function optionsOf(checks: Checks, index: number, folder: Folder, problems: Problems): InputValue[] | undefined {
  if (checks.enum !== undefined) return checks.enum
  if (checks.enum_dir === undefined) return undefined
  const at = ['inputs', index, 'validation', 'enum_dir'] as const
  const names = folder.files(checks.enum_dir).filter(name => name.endsWith('.yml'))
  if (names.length === 0) problems.error(at, 'the folder has no .yml files, or is not one of the app')
  if (names.length > mostOptions) problems.error(at, `the folder has more than ${mostOptions} files`)
  const ids = new Set<string>()
  for (const name of names.slice(0, mostOptions)) {
    const bytes = folder.read(`${checks.enum_dir}/${name}`, largestOption)
    const text = bytes && textOf(bytes)
    const data = text === undefined ? undefined : readYaml(text, new Set()).data
    const id = typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined
    if (typeof id !== 'string' || !/^[ -~]{1,200}$/.test(id))
      problems.error(at, `${escapeValue(name)} has no proper id`)
    else if (ids.has(id)) problems.error(at, `the id ${escapeValue(id)} is there twice`)
    else ids.add(id)
  }
  return [...ids].sort()
}

function isCircular(input: Input, inputs: readonly Input[]): boolean {
  let next = input.showWhen?.input
  for (let steps = 0; next !== undefined; steps++) {
    if (next === input.key || steps > inputs.length) return true
    next = inputs.find(({ key }) => key === next)?.showWhen?.input
  }
  return false
}
