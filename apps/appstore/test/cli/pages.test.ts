import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { verbsOf } from '../../../../scripts/docs/verbs.ts'
import { groups } from '../../src/cli/groups.ts'
import { configSchema } from '../../src/config/schema.ts'

const reference = join(import.meta.dirname, '../../../../docs/reference')
const page = (name: string): string => readFileSync(join(reference, name), 'utf8')

t.test('the page of commands has every verb, and no other', async t => {
  const listed = [...page('appstore-commands.md').matchAll(/^## `appstore (.+)`$/gm)].map(([, verb]) => verb)
  const verbs = await verbsOf(groups)
  t.strictSame(listed, [...verbs.map(({ command }) => command), 'completion'])
  t.match(page('appstore-commands.md'), /\| `--lab` \| .*\n(.*\n)*\n {4}appstore serve --lab/)
})

t.test('the page of the configuration has every key at the top, and those of sources', async t => {
  const text = page('appstore-config.md')
  for (const key of Object.keys(configSchema.shape)) t.match(text, new RegExp(`\`${key}[.\`]`), key)
  t.match(text, /\| `ssh_key` \| optional \| /)
})

t.test('the description of the API has the routes and their schemas', async t => {
  const { openapi, paths } = JSON.parse(page('appstore.openapi.json'))
  t.match(openapi, /^3\.1/)
  t.ok(paths['/installs/{id}'].get.responses['200'].content['application/json'].schema.properties.live)
  t.ok(paths['/audit'].get)
  t.notOk(paths['/openapi.json'])
})
