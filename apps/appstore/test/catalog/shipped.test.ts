import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Catalog } from '../../src/catalog/catalog.ts'
import { consentOf } from '../../src/catalog/consent/consent.ts'
import { checkInputs } from '../../src/catalog/inputs/check.ts'
import { folderAt } from '../../src/catalog/manifest/files.ts'
import { readTrial } from '../../src/catalog/manifest/read-stack.ts'

const directory = join(import.meta.dirname, '../../catalog')

t.test('the shipped catalog has no problem, and none of its apps needs more than a token can do', async t => {
  const catalog = await Catalog.open({
    directory: t.testdir({}),
    sources: [{ name: 'shipped', directory, trusted: true }],
  })
  t.match(catalog.sources(), [{ apps: 3, problems: [] }])
  t.same(catalog.sources()[0]?.problems, [])
  for (const entry of catalog.index.apps) {
    const { items, refused } = consentOf([entry.manifest])
    t.same(refused, [], entry.id)
    t.notOk(
      items.some(({ severity }) => severity === 'danger'),
      entry.id,
    )
    t.ok(entry.official && entry.hasIcon && entry.hasReadme, entry.id)
    t.equal((await catalog.icon(entry.id))?.type, 'image/png')
    const trial = readTrial(folderAt(entry.directory, entry.id)).value
    t.same(checkInputs(entry.manifest.inputs, trial?.inputs ?? {}).problems, [], `${entry.id} can be tried`)
  }
})

t.test('apps of a stack are in the catalog, with proper inputs and ports of their own', async t => {
  const catalog = await Catalog.open({ directory: t.testdir({}), sources: [{ name: 'shipped', directory }] })
  for (const { stack } of catalog.index.stacks) {
    for (const { app, inputs } of stack.apps) {
      const wrong = checkInputs(catalog.entry(app).manifest.inputs, inputs).problems.filter(
        ({ message }) => message !== 'is required',
      )
      t.same(wrong, [], `${stack.id} ${app}`)
    }
  }
  const ports = catalog.index.apps.map(({ manifest }) => manifest.inputs.find(({ key }) => key === 'port')?.default)
  t.equal(new Set(ports).size, ports.length)
})

t.test('scripts call only what the manifest declares', async t => {
  for (const id of readdirSync(join(directory, 'apps'))) {
    const script = readFileSync(join(directory, 'apps', id, 'provision/install.py'), 'utf8')
    t.notMatch(script, /\b(?:subprocess|os\.system|exec|eval)\b\(/, id)
    t.notMatch(script, /def _/, `${id} has no method that could be one of the SDK`)
    t.match(script, /^run\(\w+\)$/m, id)
  }
})
