import t from 'tap'
import { appSchema } from '../../../src/catalog/manifest/app-schema.ts'
import { catalogJsonSchema } from '../../../src/catalog/manifest/json-schema.ts'

t.test('the schema for editors has every field of the format, and takes no other', async t => {
  const schema = catalogJsonSchema('app') as {
    properties: Record<string, unknown>
    required: string[]
    additionalProperties: boolean
  }
  t.same(Object.keys(schema.properties).sort(), Object.keys(appSchema.shape).sort())
  t.same([...schema.required].sort(), ['categories', 'description', 'id', 'lxc', 'name', 'provisioning', 'version'])
  t.equal(schema.additionalProperties, false)
  t.match(schema.properties.id, { type: 'string', maxLength: 63, pattern: /\^\[a-z0-9\]/ })
})

t.test('stacks and trials have one too', async t => {
  t.match(catalogJsonSchema('stack'), { required: ['id', 'name', 'version', 'apps'], title: /stack\.yml/ })
  t.match(catalogJsonSchema('test'), { additionalProperties: false, title: /test\.yml/ })
})
