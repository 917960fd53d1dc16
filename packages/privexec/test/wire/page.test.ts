import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { errorRegistry } from '../../src/errors/registry.ts'
import { type FrameName, frameType } from '../../src/wire/frame.ts'
import { messageJsonSchemas, type ObjectSchema } from '../../src/wire/schema.ts'

const root = join(import.meta.dirname, '../../../..')
const source = join(import.meta.dirname, '../../src')
const page = readFileSync(join(root, 'docs/reference/protocol.md'), 'utf8')
const schemas = await messageJsonSchemas()

/** The first cells of the rows of a table below a heading. */
const rowsBelow = (heading: string): string[] => {
  const part = page.split(`\n${heading}\n`)[1]?.split('\n#')[0] ?? ''
  return [...part.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell)
}

const keysOf = ({ properties }: ObjectSchema): string[] =>
  Object.entries(properties).flatMap(([key, value]) => [
    key,
    ...Object.keys(value.properties ?? {}).map(inner => `${key}.${inner}`),
  ])

t.test('the page has every frame with its number, and no other', async s => {
  const rows = [...page.matchAll(/^\| (\d+) \| `(\w+)` \| (\S+)/gm)].map(([, type, name]) => [name, Number(type)])
  s.strictSame(Object.fromEntries(rows), { ...frameType })
  const linked = [...page.matchAll(/\[JSON\]\(#(\w+)\)/g)].map(([, name = '']) => name)
  s.strictSame(linked.sort(), Object.keys(schemas).sort(), 'those with JSON have a section')
})

t.test('the page has every key of every message, and no other', async s => {
  for (const [name, schema] of Object.entries(schemas)) s.strictSame(rowsBelow(`### \`${name}\``), keysOf(schema), name)
  const sections = [...page.matchAll(/^### `(\w+)`$/gm)].map(([, name = '']) => name as FrameName)
  s.strictSame(sections.sort(), Object.keys(schemas).sort())
})

t.test('every code of the page is one of the registry, and those that root’s side refuses with are there', async s => {
  const listed = rowsBelow('## Refusals')
  for (const code of listed) s.ok(code in errorRegistry, code)
  // Nobody hears the first; the second is told in an outcome.
  const elsewhere = ['PRIVEXEC_CALLER_GONE', 'PRIVEXEC_PROGRAM_MISSING']
  const files = ['root/serve', 'root/admit', 'decide'].flatMap(folder =>
    readdirSync(join(source, folder)).map(file => join(source, folder, file)),
  )
  const texts = [...files, join(source, 'staging/stage.ts')]
  const thrown = texts.flatMap(file => readFileSync(file, 'utf8').match(/PRIVEXEC_[A-Z_]+/g) ?? [])
  for (const code of new Set(thrown)) s.ok([...listed, ...elsewhere].includes(code), code)
})

t.test('the page names an example that is there, and that has at most twenty lines', async s => {
  const [, path = ''] = /\]\((\.\.\/examples\/[^)]+)\)/.exec(page) ?? []
  const lines = readFileSync(join(root, 'docs/reference', path), 'utf8')
    .trimEnd()
    .split('\n')
  s.ok(lines.length <= 20, `${lines.length} lines`)
})
