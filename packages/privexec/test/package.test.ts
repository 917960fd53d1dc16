import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

t.test('in this workspace the name of the package leads to its sources, with no build', async s => {
  s.equal(fileURLToPath(import.meta.resolve('@broker/privexec')), join(root, 'src/index.ts'))
  s.equal(fileURLToPath(import.meta.resolve('@broker/privexec/testing')), join(root, 'src/testing/index.ts'))
  s.equal(fileURLToPath(import.meta.resolve('@broker/privexec/audit')), join(root, 'src/audit/index.ts'))
  s.equal(fileURLToPath(import.meta.resolve('@broker/privexec/escape')), join(root, 'src/errors/escape.ts'))
})

t.test('what is published is built from the source that stands beside it', async s => {
  const modules = Object.values<string | Record<string, string>>(exports).filter(target => typeof target !== 'string')
  s.equal(modules.length, 4)
  for (const { '@broker/source': source = '', types, default: built } of modules) {
    s.ok(existsSync(join(root, source)), source)
    const place = source.replace('./src/', './dist/').replace(/\.ts$/, '')
    s.strictSame([types, built], [`${place}.d.ts`, `${place}.js`])
  }
  s.strictSame(bin, { privexec: 'dist/cli/main.js' })
})
