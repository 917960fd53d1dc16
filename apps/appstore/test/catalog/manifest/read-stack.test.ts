import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { readStack, readTrial } from '../../../src/catalog/manifest/read-stack.ts'
import { folderOf } from '../support/catalog.ts'

const least = 'id: app\nname: Stack\nversion: 1.0\napps:\n  - app_id: one\n'
const problems = (text: string): string[] =>
  readStack(folderOf({ 'stack.yml': text }), 'app').problems.map(
    ({ line, field, message }) => `${line} ${field}: ${message}`,
  )

t.test('the least stack leaves everything to its apps', async t => {
  const { value } = readStack(folderOf({ 'stack.yml': least }), 'app')
  t.same(value?.apps, [{ app: 'one', inputs: {} }])
  t.equal(value?.version, '1.0')
  for (const key of ['template', 'cores', 'unprivileged']) t.notOk(value && key in value, key)
})

t.test('values of inputs keep their type', async t => {
  const { value } = readStack(
    folderOf({ 'stack.yml': `${least}    inputs: { port: 80, on: true, text: "80" }\n` }),
    'app',
  )
  t.same(value?.apps[0]?.inputs, { port: 80, on: true, text: '80' })
})

t.test('problems have line and field', async t => {
  t.match(problems(`${least}  - app_id: one\n`), ['6 apps[1].app_id: the app "one" is there twice'])
  t.match(problems(least.replace('id: app\n', 'id: other\n')), [/^1 id: must be the name/])
  t.match(problems(`${least}lxc:\n  extra_config: ["lxc.hook.start: x"]\n`), [/^7 lxc\.extra_config/])
  t.match(problems('id: app\nname: a\nversion: "1"\napps: []\n'), [/^4 apps: must not be empty/])
  t.match(readStack(folderOf({}), 'app').problems, [{ message: /regular file/ }])
})

t.test('a test file that is empty or missing means: as it is', async t => {
  const usual = { skip: false, skipBindMounts: false, inputs: {} }
  t.same(readTrial(folderOf({})).value, usual)
  t.same(readTrial(folderOf({ 'test.yml': '# nothing\n' })).value, usual)
  t.same(readTrial(folderOf({ 'test.yml': 'skip: true\ncores: 2\n' })).value, { ...usual, skip: true, cores: 2 })
  t.match(readTrial(folderOf({ 'test.yml': 'skip: maybe\nx: 1\n' })).problems, [{ line: 1 }, { line: 2 }])
})

t.test('whatever a stack says, reading it ends with a stack or problems', async t => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
  const keys = fc.constantFrom('id', 'apps', 'lxc', 'app_id', 'inputs', 'defaults', 'cores', 'name')
  const data = fc.dictionary(
    keys,
    fc.oneof(value, fc.array(fc.dictionary(keys, value), { maxLength: 2 }), fc.dictionary(keys, value)),
  )
  await holds(
    t,
    fc.property(data, written => {
      const text = stringify(written)
      const stack = readStack(folderOf({ 'stack.yml': text }), 'app')
      const trial = readTrial(folderOf({ 'test.yml': text }))
      const failed = (found: typeof stack | typeof trial) => found.problems.some(({ severity }) => severity === 'error')
      return (stack.value === undefined) === failed(stack) && (trial.value === undefined) === failed(trial)
    }),
  )
})
