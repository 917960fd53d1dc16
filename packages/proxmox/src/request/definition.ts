import type { z } from 'zod'
import { invalid } from '../errors/error.ts'
import type { Parameter } from './parameter.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A request as data: what would be sent, and how the answer is read. */
export interface Call<A> {
  readonly method: Method
  /** Path below `/api2/json`, each segment escaped. */
  readonly path: string
  /** In the query for GET and DELETE, in the body else; may hold secrets. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly answer: z.ZodType<A>
}

// biome-ignore lint/suspicious/noExplicitAny: each parameter has its own type
export type Parameters = Readonly<Record<string, Parameter<any, boolean>>>

type Name<K> = K extends `${infer Family}[n]` ? `${Family}${number}` : K
type ValueOf<P> = P extends Parameter<infer T, boolean> ? T : never
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** What callers give for a table of parameters; `name[n]` becomes `name0`, `name1`, …. */
export type Input<P extends Parameters> = Simplify<
  { readonly [K in keyof P as P[K] extends { isOptional: false } ? K : never]: ValueOf<P[K]> } & {
    readonly [K in keyof P as P[K] extends { isOptional: false } ? never : Name<K>]?: ValueOf<P[K]> | undefined
  }
>

/** One method of the API: its path, parameters and answer. */
export interface Definition<P extends Parameters, A> {
  readonly method: Method
  readonly template: string
  readonly parameters: P
  readonly answer: z.ZodType<A>
  /** Checks and spells the input; throws `PROXMOX_INPUT_INVALID` that names the parameter. Sends nothing. */
  call(input: Input<P>): Call<A>
}

export function define<const P extends Parameters, A>(
  method: Method,
  template: string,
  parameters: P,
  answer: z.ZodType<A>,
): Definition<P, A> {
  return {
    method,
    template,
    parameters,
    answer,
    call: input => {
      const given = input as Readonly<Record<string, unknown>>
      for (const [name, { isOptional, needs }] of Object.entries(parameters)) {
        if (!isOptional && given[name] === undefined) throw invalid(name, 'is required')
        if (needs !== undefined && given[name] !== undefined && given[needs] === undefined) {
          throw invalid(name, `needs ${needs} beside it`)
        }
      }
      const inPath = new Map<string, string>()
      const pairs: [string, string][] = []
      for (const [name, value] of Object.entries(given)) {
        if (value === undefined) continue
        const printed = find(parameters, name).print(value, name)
        if (template.includes(`{${name}}`)) inPath.set(name, String(printed))
        else for (const one of [printed].flat()) pairs.push([name, one])
      }
      const path = template.replace(/\{([a-z]+)\}/g, (_, name) => encodeURIComponent(inPath.get(name) ?? ''))
      return { method, path, parameters: pairs, answer }
    },
  }
}

function find(parameters: Parameters, name: string): Parameter<unknown, boolean> {
  const exact = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (exact !== undefined && exact.count === undefined) return exact
  const [, stem = '', index = ''] = /^([a-z]+)(0|[1-9]\d{0,3})$/.exec(name) ?? []
  const member = Object.hasOwn(parameters, `${stem}[n]`) ? parameters[`${stem}[n]`] : undefined
  if (member === undefined || Number(index) >= (member.count ?? 0)) throw invalid(name, 'there is no such parameter')
  return member
}
