import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../privexec/test/support/property.ts'
import { calls } from '../../src/api/calls.ts'
import type { Definition, Parameters } from '../../src/request/definition.ts'
import { spell } from '../../src/request/send.ts'
import { inputOf } from '../support/arbitrary.ts'
import { refusals, type Schema } from '../support/schema.ts'

// Proxmox's published schema is not shipped: its text is under another licence.
const file = process.env.BROKER_PVE_SCHEMA
const skip = file === undefined ? 'BROKER_PVE_SCHEMA names no schema' : false

/** Methods of the client that the extract of the schema does not have. */
const notInExtract = ['GET /nodes/{node}/hardware/pci', 'POST /nodes/{node}/lxc/{vmid}/termproxy']

// biome-ignore lint/suspicious/noExplicitAny: definitions of all types
const definitions = Object.values(calls).flatMap(area => Object.values(area)) as Definition<any, unknown>[]

t.test('every method of the client is one of the schema', { skip }, async t => {
  const schema = (JSON.parse(readFileSync(file ?? '', 'utf8')) as { paths: Schema }).paths
  const missing = definitions
    .filter(({ method, template }) => schema[template]?.[method] === undefined)
    .map(({ method, template }) => `${method} ${template}`)
  t.same(missing, notInExtract)
})

for (const definition of definitions) {
  const { method, template } = definition
  const parameters = definition.parameters as Parameters
  t.test(`what the client sends as ${method} ${template} is what the schema takes`, { skip }, async t => {
    const schema = (JSON.parse(readFileSync(file ?? '', 'utf8')) as { paths: Schema }).paths[template]?.[method]
    if (schema === undefined) return t.pass('not in the extract')
    const property = fc.property(inputOf(parameters), input => {
      const { path, query, body } = taken(spell(definition.call(input)), template)
      const reasons = refusals(schema, [...path, ...query, ...body])
      if (reasons.length > 0) throw new Error(reasons.join('\n'))
    })
    await holds(t, property, { numRuns: 60 })
  })
}

/** Reads a request as pveproxy does: segments of the path by the template, then query or form. */
function taken({ path, body }: { path: string; body: string | undefined }, template: string) {
  const [address = '', query = ''] = path.split('?')
  const names = [...template.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name ?? '')
  const pattern = template.replace(/\{[a-z]+\}/g, '([^/]+)')
  const [, ...values] = new RegExp(`^/api2/json${pattern}$`).exec(address) ?? []
  if (values.length !== names.length) throw new Error(`${address} is not of ${template}`)
  return {
    path: names.map((name, at) => [name, decodeURIComponent(values[at] ?? '')] as const),
    query: [...new URLSearchParams(query)],
    body: [...new URLSearchParams(body ?? '')],
  }
}
