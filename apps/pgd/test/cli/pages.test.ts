import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { verbsOf } from '../../../../scripts/docs/verbs.ts'
import { groups } from '../../src/cli/groups.ts'
import { errorRegistry } from '../../src/errors/registry.ts'

const reference = join(import.meta.dirname, '../../../../docs/reference')
const source = join(import.meta.dirname, '../../src')
const page = (name: string): string => readFileSync(join(reference, name), 'utf8')

t.test('the page of errors has every code, and no other', async s => {
  const [codes = '', advice = ''] = page('pgd-errors.md').split('\n## What to do\n')
  const listed = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, code = '']) => code)
  const real = Object.keys(errorRegistry)
  s.strictSame(listed(codes, /^\| `(\w+)` \|/gm), real)
  s.strictSame(listed(advice, /^- `(\w+)`: /gm), real)
})

t.test('every code of the registry is thrown somewhere', async s => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    file => file.endsWith('.ts') && file !== 'errors/registry.ts',
  )
  const text = files.map(file => readFileSync(join(source, file), 'utf8')).join('\n')
  for (const code of Object.keys(errorRegistry)) s.ok(text.includes(`'${code}'`), code)
})

t.test('the page of commands has every verb with its options, and no other', async s => {
  const sections = new Map(
    page('pgd-commands.md')
      .split('\n## `pgd ')
      .slice(1)
      .map(text => [text.slice(0, text.indexOf('`')), text] as const),
  )
  const verbs = await verbsOf(groups)
  s.strictSame([...sections.keys()], [...verbs.map(({ command }) => command), 'completion'])
  s.match(sections.get('branch create <branch>'), /\| `--at` \| .*\n(.*\n)*\n {4}pgd branch create shop\/dev/)
  s.match(sections.get('diff <left> <right>'), /`--database` \| .* \(`postgres` by default\) \|/)
})
