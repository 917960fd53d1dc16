import { invalid } from '../wire/error.ts'
import { checkFormat } from './formats.ts'
import { readKeys } from './keys.ts'
import { type Parameters, type Property, propertyOf } from './property.ts'

/** What a client sent, before it was looked at; a parameter given several times is joined by NUL, as Proxmox does. */
export type Given = Readonly<Record<string, unknown>>
/** Checked parameters: text, numbers, and booleans as 0 and 1. */
export type Checked = Readonly<Record<string, string | number | readonly string[]>>

const truths: Readonly<Record<string, 0 | 1>> = { 1: 1, on: 1, yes: 1, true: 1, 0: 0, off: 0, no: 0, false: 0 }

interface Outcome {
  readonly value: string | number | readonly string[]
  readonly problem?: string
}

/** Checks one value. Messages are those of Proxmox's own checker, to the letter. */
export function checkValue(property: Property, given: unknown, path: string): Outcome {
  if (property.type === 'array') {
    const parts = Array.isArray(given) ? given.map(String) : String(given).split('\0')
    return { value: parts }
  }
  const text = typeof given === 'boolean' ? (given ? '1' : '0') : String(given)
  if (typeof given === 'object' && given !== null)
    return {
      value: text,
      problem: `type check ('${property.type}') failed - got ${Array.isArray(given) ? 'ARRAY' : 'HASH'}`,
    }
  const wrongType = { value: text, problem: `type check ('${property.type}') failed - got '${text}'` }
  if (property.type === 'boolean') {
    const truth = Object.hasOwn(truths, text.toLowerCase()) ? truths[text.toLowerCase()] : undefined
    return truth === undefined ? wrongType : { value: truth }
  }
  if (property.type === 'integer' && !/^[+-]?\d+$/.test(text)) return wrongType
  if (property.type === 'number' && !/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return wrongType
  const value = property.type === 'string' ? text : Number(text)
  const problem = problemOf(property, text, path)
  return problem === undefined ? { value } : { value, problem }
}

function problemOf(property: Property, text: string, path: string): string | undefined {
  const { format } = property
  if (typeof format === 'string') {
    const problem = checkFormat(format, text)
    if (problem !== undefined) return `invalid format - ${problem}\n`
  } else if (format !== undefined) {
    const { errors } = readKeys(format, text, path)
    const lines = Object.entries(errors).map(([key, problem]) => `${key}: ${problem}\n`)
    if (lines.length > 0) return `invalid format - format error\n${lines.join('')}`
  }
  if (property.pattern !== undefined && !new RegExp(`^(?:${property.pattern})$`).test(text))
    return 'value does not match the regex pattern'
  if (property.maxLength !== undefined && text.length > property.maxLength)
    return `value may only be ${property.maxLength} characters long`
  if (property.minLength !== undefined && text.length < property.minLength)
    return `value must be at least ${property.minLength} characters long`
  if (property.minimum !== undefined && Number(text) < property.minimum)
    return `value must have a minimum value of ${property.minimum}`
  if (property.maximum !== undefined && Number(text) > property.maximum)
    return `value must have a maximum value of ${property.maximum}`
  if (property.enum !== undefined && !property.enum.includes(text))
    return `value '${text}' does not have a value in the enumeration '${property.enum.join(', ')}'`
  return undefined
}

/** Checks everything that a method was given; throws an answer with status 400 that names each wrong parameter. */
export function checkParameters(parameters: Parameters, given: Given): Checked {
  const checked: Record<string, string | number | readonly string[]> = {}
  const errors: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const property = propertyOf(parameters, name)
    if (property === undefined) {
      errors[name] = 'property is not defined in schema and the schema does not allow additional properties'
      continue
    }
    const { requires } = property
    if (requires !== undefined && given[requires] === undefined)
      errors[requires] = `missing property - '${name}' requires this property`
    const outcome = checkValue(property, value, name)
    if (outcome.problem === undefined) checked[name] = outcome.value
    else errors[name] = outcome.problem
  }
  for (const [name, property] of Object.entries(parameters))
    if (property.optional !== true && given[name] === undefined && errors[name] === undefined)
      errors[name] = 'property is missing and it is not optional'
  if (Object.keys(errors).length > 0) throw invalid(errors)
  return checked
}
