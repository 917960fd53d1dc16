import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { pathText } from '../../../src/catalog/yaml/path.ts'
import { readYaml } from '../../../src/catalog/yaml/read.ts'

const typed = new Set(['default', 'cores'])

t.test('a scalar is the text that was written, unless its key holds numbers and switches', async t => {
  const { data } = readYaml(
    'version: 1.10\ncores: 2\ndefault: [yes, true, 3]\nlist: [1.0, no]\nnone:\ntilde: ~\n',
    typed,
  )
  t.strictSame({ ...(data as object) }, { version: '1.10', cores: 2, default: ['yes', true, 3], list: ['1.0', 'no'] })
})

t.test('a value, a missing value and a key have their line and column', async t => {
  const { at } = readYaml('a: 1\ninputs:\n  - key: x\n    label: y\n', typed)
  t.same(at(['inputs', 0, 'label']), { line: 4, column: 12 })
  t.same(at(['inputs', 0, 'type']), { line: 3, column: 5 }, 'of what is missing, where its map begins')
  t.same(at(['inputs', 0], 'label'), { line: 4, column: 5 })
  t.same(at(['nothing', 'here']), { line: 1, column: 1 })
})

t.test('what two readers may see differently is a fault', async t => {
  const faults = (text: string): string[] =>
    readYaml(text, typed).faults.map(({ line, message }) => `${line} ${message}`)
  t.match(faults('a: 1\nb: 2\na: 3\n'), [/^3 Map keys must be unique/])
  t.match(faults('a: &x 1\nb: *x\n'), [/^1 anchors/, /^2 aliases/])
  t.match(faults('a: !!str 1\n'), [/^1 tags/])
  t.match(faults('%YAML 1.1\n---\na: 1\n'), [/1\.2/])
  t.match(faults('__proto__:\n  a: 1\n'), [/^1 this key is not allowed/])
  t.match(faults('? [a]\n: 1\n'), [/^1 a key must be a text/])
  t.match(faults('a: 1\n---\nb: 2\n'), [/./])
  t.same(readYaml('a: &x 1\n', typed).data, undefined)
})

t.test('no text makes the reader throw, or its data have a prototype', async t => {
  await holds(
    t,
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      const { data, faults, at } = readYaml(text, typed)
      const { line, column } = at(['a', 0])
      const bare =
        typeof data !== 'object' || data === null || Array.isArray(data) || Object.getPrototypeOf(data) === null
      return bare && line >= 1 && column >= 1 && faults.every(fault => /^[ -~]*$/.test(fault.message))
    }),
  )
})

t.test('a path is written as people write it', async t => {
  t.equal(pathText(['inputs', 2, 'validation', 'regex']), 'inputs[2].validation.regex')
  t.equal(pathText(['env', 'a b\n']), 'env."a b\\n"')
  t.equal(pathText([]), '')
})
