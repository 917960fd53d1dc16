import type { ArgumentType } from '../argument/type.ts'

/** A field of the input that stands in the argv. */
export interface Argument<Name extends string = string, Value = unknown> {
  readonly kind: 'argument'
  readonly field: Name
  readonly type: ArgumentType<Value>
}

/** An option that stands in the argv, with its flag before it, when the input has the field. */
export interface Option<Name extends string = string, Value = unknown> {
  readonly kind: 'option'
  readonly flag: string
  readonly field: Name
  readonly type: ArgumentType<Value>
}

/** `PRIVEXEC_OPERATION=<policy>-<operation id>`: carries the operation to where sudo's environment does not reach. */
export interface Marker {
  readonly kind: 'marker'
}

/** One place of an argv; a text stands for itself. */
export type Element = string | Argument<string, never> | Option<string, never> | Marker

/** A required field of the input, at this place of the argv. */
export const argument = <const Name extends string, Value>(
  field: Name,
  type: ArgumentType<Value>,
): Argument<Name, Value> => ({ kind: 'argument', field, type })

/** A field that may be left out, spelled `flag value`. */
export const option = <const Name extends string, Value>(
  flag: string,
  field: Name,
  type: ArgumentType<Value>,
): Option<Name, Value> => ({ kind: 'option', flag, field, type })

/** The place where the operation's marker stands, as an assignment that env(1) takes. */
export const marker = (): Marker => ({ kind: 'marker' })

/** Name of the environment variable that every process of an operation carries. */
export const markerVariable = 'PRIVEXEC_OPERATION'

type Required<E> = E extends Argument<infer Name, infer Value> ? { readonly [K in Name]: Value } : never
type Optional<E> = E extends Option<infer Name, infer Value> ? { readonly [K in Name]?: Value | undefined } : never
type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void ? All : never
type Flat<T> = { readonly [K in keyof T]: T[K] } & {}

/** The input that a template needs: an object with one property per field. */
export type InputOf<Elements extends readonly unknown[]> = Flat<
  ([Required<Elements[number]>] extends [never] ? unknown : Together<Required<Elements[number]>>) &
    ([Optional<Elements[number]>] extends [never] ? unknown : Together<Optional<Elements[number]>>)
>
