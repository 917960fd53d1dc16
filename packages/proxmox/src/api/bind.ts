import type { Definition, Input, Parameters } from '../request/definition.ts'
import type { Send, SendOptions } from '../request/send.ts'
import type { NodeName } from '../values/names.ts'
import { calls } from './calls.ts'

type Simplify<T> = { [K in keyof T]: T[K] } & {}
type WithoutNode<I> = Simplify<
  Omit<I, 'node'> & ('node' extends keyof I ? { readonly node?: string | undefined } : unknown)
>
type Arguments<I> =
  Record<never, never> extends I ? [input?: I, options?: SendOptions] : [input: I, options?: SendOptions]

/** A method of the client: the node may be left out, the one of the connection is taken then. */
export type Bound<D> =
  D extends Definition<infer P extends Parameters, infer A>
    ? (...given: Arguments<WithoutNode<Input<P>>>) => Promise<A>
    : never

type Area<T> = { readonly [K in keyof T]: Bound<T[K]> }

/** All areas of the API, as methods that send. */
export type Api = { readonly [K in keyof typeof calls]: Area<(typeof calls)[K]> }

// biome-ignore lint/suspicious/noExplicitAny: the types are those of Api
type AnyDefinition = Definition<any, any>

/** Makes the methods of all areas. `nodeOf` is asked when a request is for a node and names none. */
export function bind(send: Send, nodeOf: (options?: SendOptions) => Promise<NodeName>): Api {
  const method = (definition: AnyDefinition) => {
    const needsNode = Object.hasOwn(definition.parameters, 'node')
    return async (input: Record<string, unknown> = {}, options?: SendOptions): Promise<unknown> => {
      const node = needsNode && input.node === undefined ? { node: await nodeOf(options) } : {}
      return send(definition.call({ ...input, ...node }), options)
    }
  }
  const area = (definitions: Readonly<Record<string, AnyDefinition>>) =>
    Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, method(definition)]))
  return Object.fromEntries(
    Object.entries(calls).map(([name, definitions]) => [name, area(definitions)]),
  ) as unknown as Api
}
