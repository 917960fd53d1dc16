import { readFileSync } from 'node:fs'
import t from 'tap'
import { endpoints } from '../../src/api/index.ts'
import type { Property } from '../../src/schema/property.ts'

const file = process.env.BROKER_PVE_SCHEMA

/** A property as the published schema has it. */
interface Published {
  readonly type?: string
  readonly optional?: number
  readonly minimum?: number | string
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly requires?: string
  readonly format?: string | Readonly<Record<string, Published>>
}

interface Method {
  readonly permissions?: { readonly check?: readonly unknown[]; readonly user?: string }
  readonly parameters?: { readonly properties?: Readonly<Record<string, Published>> }
}

/** Formats that we do not look into, where the schema has a name or keys for them. */
const unchecked = new Set(['backup-fleecing', 'backup-performance', 'prune-backups', 'email-or-username-list'])
/** The bounds of a property, without its texts; patterns in the way of JavaScript. */
function shape(property: Published | Property): unknown {
  const { format, pattern } = property
  return {
    type: property.type,
    optional: Boolean(property.optional),
    ...(property.minimum !== undefined && { minimum: Number(property.minimum) }),
    ...(property.maximum !== undefined && { maximum: property.maximum }),
    ...(property.minLength !== undefined && { minLength: property.minLength }),
    ...(property.maxLength !== undefined && { maxLength: property.maxLength }),
    ...(property.enum !== undefined && { enum: property.enum }),
    ...(property.requires !== undefined && { requires: property.requires }),
    hasPattern: pattern !== undefined,
    ...(typeof format === 'string' && !unchecked.has(format) && { format }),
    ...(typeof format === 'object' && {
      format: Object.fromEntries(
        Object.entries(format)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, part]) => [key, shape(part as Published)]),
      ),
    }),
  }
}

t.test(
  'parameters are those of the published schema',
  { skip: file === undefined && 'BROKER_PVE_SCHEMA is not set' },
  async t => {
    const { paths } = JSON.parse(readFileSync(file ?? '', 'utf8')) as {
      paths: Readonly<Record<string, Readonly<Record<string, Method>>>>
    }
    let compared = 0
    for (const { method, path, parameters, permission } of endpoints) {
      const published = paths[path]?.[method]
      const name = `${method} ${path}`
      if (published === undefined) {
        t.match(path, /termproxy|vncwebsocket|hardware\/pci/, `${name} is beyond the extract`)
        continue
      }
      compared += 1
      const properties = published.parameters?.properties ?? {}
      const own = Object.keys(parameters)
      t.same(own.sort(), Object.keys(properties).sort(), `${name}: names`)
      for (const key of own) {
        const mine = parameters[key]
        const theirs = properties[key]
        if (mine !== undefined && theirs !== undefined) t.same(shape(mine), shape(theirs), `${name}: ${key}`)
      }
      const check = published.permissions?.check
      if (typeof permission === 'object' && check !== undefined)
        t.same(
          ['perm', permission.path, permission.privileges, ...(permission.any === true ? ['any', 1] : [])],
          check,
          `${name}: permission`,
        )
      else if (typeof permission === 'string') t.equal(permission, published.permissions?.user, `${name}: permission`)
    }
    t.ok(compared > 60, `${compared} methods`)
  },
)
