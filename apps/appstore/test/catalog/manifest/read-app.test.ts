import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { folderAt } from '../../../src/catalog/manifest/files.ts'
import { readApp } from '../../../src/catalog/manifest/read-app.ts'
import { folderOf, least, manifestOf, problemsOf } from '../support/catalog.ts'

const input = (rest: string): string => least('app', `inputs:\n  - key: a\n    label: A\n    ${rest}\n`)

t.test('the least manifest is read, with the defaults of the format', async t => {
  t.same(problemsOf(least()), [])
  const manifest = manifestOf(least().replace('    unprivileged: true\n', ''))
  t.equal(manifest.guest.unprivileged, false)
  t.match(manifest, { official: false, tags: [], volumes: [], guest: { features: [], onboot: false } })
})

t.test('all problems are told, each with line and field', async t => {
  const text = least()
    .replace('id: app', 'id: App_1')
    .replace('name: App\n', '')
    .replace('cores: 1', 'cores: 0')
    .replace('memory_mb: 256', 'memory_mb: "256"')
  t.same(problemsOf(`${text}frobnicate: 1\n`), [
    '1 name: is missing',
    '1 id: must be small letters and digits, with single hyphens between them',
    '9 lxc.defaults.cores: must be at least 1',
    '10 lxc.defaults.memory_mb: must be a whole number from 128 to 16777216',
    '14 frobnicate: "frobnicate" is not a key of the format',
  ])
})

t.test('unknown and doubled keys are refused, and what was meant is told', async t => {
  const volumes = 'volumes:\n  - name: data\n    path: /data\n    default_size_gb: 1\n'
  t.match(problemsOf(least('app', volumes)), [
    '16 volumes[0].mount_path: is missing',
    '17 volumes[0].path: "path" is not a key of the format; is mount_path meant?',
    '18 volumes[0].default_size_gb: "default_size_gb" is not a key of the format; is size_gb meant?',
  ])
  t.match(problemsOf(`${least()}id: app\n`), [/^15 : Map keys must be unique/])
})

t.test('the id is the name of the folder, and the script is in the folder', async t => {
  t.same(problemsOf(least('other')), ['1 id: must be the name of its folder, "app"'])
  t.match(problemsOf(least().replace('install.py', 'absent.py')), [/^14 provisioning\.script: there is no file/])
  t.match(problemsOf(least().replace('install.py', 'install.sh')), [/must be a path that ends in \.py/])
  t.equal(manifestOf(least().replace('provision/install.py', 'elsewhere/install.py')).provisioning.script, 'install.py')
})

t.test('line feeds and control characters are refused in what ends up in a configuration', async t => {
  const bad = ['"a\\nb"', '"a\\rb"', '"a\\tb"', '"a\\0b"', '"a\\u2028b"', '|\n  a\n  b']
  for (const value of bad) {
    t.ok(problemsOf(least().replace('version: 1.0.0', `version: ${value}`)).length > 0, value)
    const lines = least().replace(
      'provisioning:',
      `  extra_config:\n    - ${value.replace('\n  a\n  b', '\n      a\n      b')}\nprovisioning:`,
    )
    t.ok(problemsOf(lines).length > 0, value)
  }
  t.same(problemsOf(least('app', 'overview: |\n  One line.\n\n  Another\n')), [])
})

t.test('inputs that contradict themselves or each other are refused', async t => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['type: select', /a select needs/],
    ['type: number\n    default: many', /default: is not a number/],
    ['type: boolean\n    default: yes', /default: is not a boolean/],
    ['type: select\n    default: c\n    validation: { enum: [a, b] }', /is not one of the values/],
    ['type: number\n    validation: { min: 3, max: 2 }', /min: is above max/],
    ['type: string\n    validation: { min_length: 3, max_length: 2 }', /min_length: is above/],
    ['type: boolean\n    validation: { regex: a }', /regex: means nothing for a boolean/],
    ['type: string\n    validation: { max: 2 }', /max: means nothing for a string/],
    ['type: secret\n    validation: { format: ipv4 }', /means nothing for a secret/],
    ['type: string\n    validation: { regex: "(a)\\\\1" }', /regex: cannot be used: back references/],
    ['type: string\n    validation: { format: date }', /format: must be one of/],
    ['type: string\n    show_when: { input: b, values: [1] }', /there is no input "b"/],
    ['type: string\n    show_when: { input: a, values: [1] }', /lead back to this input/],
    ['type: string\n  - key: a\n    label: B\n    type: string', /the key "a" is there twice/],
    ['type: number\n    default: 0\n    validation: { min: 1 }', /^\(warning\) .* does not fit the rules/],
  ]
  for (const [rest, message] of cases) t.match(problemsOf(input(rest)), [message], rest)
})

t.test('choices come from a folder of the app only, through no link', async t => {
  const choice = (folder: string): string => input(`type: select\n    validation: { enum_dir: ${folder} }`)
  const files = { 'choices/b.yml': 'id: b', 'choices/a.yml': 'id: "a a"\nname: x', 'choices/c.txt': 'id: c' }
  t.same(manifestOf(choice('choices'), files).inputs[0]?.options, ['a a', 'b'])
  for (const folder of ['../other', '/etc', 'a/../../b', '.', '""']) t.ok(problemsOf(choice(folder)).length > 0, folder)
  t.match(problemsOf(choice('absent')), [/has no \.yml files/])
  t.match(problemsOf(choice('choices'), { 'choices/a.yml': 'name: a' }), [/"a\.yml" has no proper id/])
  const base = t.testdir({
    outside: { 'x.yml': 'id: x' },
    app: { 'app.yml': choice('choices'), provision: { 'install.py': '' } },
  })
  symlinkSync('../outside', join(base, 'app/choices'))
  t.match(readApp(folderAt(join(base, 'app'), 'apps/app'), 'app').problems, [{ message: /has no \.yml files/ }])
  mkdirSync(join(base, 'two'))
  symlinkSync('../app/app.yml', join(base, 'two/app.yml'))
  t.match(readApp(folderAt(join(base, 'two'), 'apps/app'), 'app').problems, [{ message: /regular file/ }])
})

t.test('volumes are mounted where something can be mounted, each at a place of its own', async t => {
  const volume = (rest: string): string[] => problemsOf(least('app', `volumes:\n  - name: data\n    ${rest}\n`))
  for (const path of [
    'relative',
    '/a,b',
    '/a/../b',
    '/',
    '/proc',
    '/dev/x',
    '/usr',
    '"/a\\nb"',
    '/a//b',
    '/a b',
    '/a=b',
  ]) {
    t.ok(volume(`mount_path: ${path}\n    size_gb: 1`).length > 0, path)
  }
  t.same(volume('mount_path: /srv/data/\n    size_gb: 1'), [])
  t.match(volume('mount_path: /data'), [/needs size_gb/])
  t.match(volume('mount_path: /data\n    size_gb: 1\n  - name: data\n    mount_path: /data\n    size_gb: 1'), [
    /the name "data" is there twice/,
    /another volume is mounted there/,
  ])
})

t.test('what has no effect is told, and what an output names wrongly', async t => {
  const text = least('app', 'outputs:\n  - { key: url, label: URL, value: "{{ip}} {{nope}}" }\n')
  const dead = text
    .replace('  script:', '  user: www-data\n  assets: [a]\n  script:')
    .replace('    cores', '    bridge: vmbr0\n    storage: local\n    cores')
  const problems = problemsOf(dead)
  t.equal(problems.length, 5)
  t.ok(problems.every(problem => problem.startsWith('(warning)')))
})

t.test('a file that is none is a problem of that file', async t => {
  t.match(readApp(folderOf({}), 'app').problems, [{ file: 'apps/app/app.yml', line: 1, message: /regular file/ }])
  for (const text of ['', '[]', 'a', '\0', '- a: 1', 'id']) t.ok(problemsOf(text).length > 0, JSON.stringify(text))
  const latin = { ...folderOf({}), read: () => Buffer.from([0x69, 0xff]) }
  t.match(readApp(latin, 'app').problems, [{ message: /UTF-8/ }])
})

t.test('whatever a manifest says, reading it ends with a manifest or problems that stand in the file', async t => {
  const words = fc.constantFrom(
    'app',
    'a\nb',
    '',
    '/data',
    '(a+)+$',
    'string',
    'select',
    'bind',
    '../x',
    '__proto__',
    'é',
  )
  const value = fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(words, { maxLength: 3 }))
  const entry = fc.dictionary(
    fc.constantFrom('key', 'label', 'type', 'default', 'name', 'mount_path', 'size_gb', 'show_when', 'validation'),
    value,
  )
  const change = fc.dictionary(
    fc.constantFrom(
      'id',
      'name',
      'version',
      'lxc',
      'inputs',
      'volumes',
      'outputs',
      'permissions',
      'gpu',
      'provisioning',
      'x',
    ),
    fc.oneof(value, entry, fc.array(entry, { maxLength: 3 })),
  )
  await holds(
    t,
    fc.property(change, changes => {
      const text = `${least()}${stringify(changes)}`
      const { value: manifest, problems } = readApp(folderOf({ 'app.yml': text }), 'app')
      const lines = text.split('\n').length
      const placed = problems.every(
        ({ line, column, message }) => line >= 1 && line <= lines && column >= 1 && message !== '',
      )
      return placed && (manifest === undefined) === problems.some(({ severity }) => severity === 'error')
    }),
    { numRuns: 300 },
  )
})

t.test('a file below a folder is read through folders only', async t => {
  const base = t.testdir({ a: { file: 'x' } })
  symlinkSync('a', join(base, 'link'))
  writeFileSync(join(base, 'large'), 'xxxx')
  const folder = folderAt(base, 'base')
  t.equal(folder.read('a/file', 10)?.toString(), 'x')
  for (const path of ['link/file', '../x', '/etc/passwd', 'a/../a/file', 'a', 'absent', 'a//file']) {
    t.equal(folder.read(path, 10), undefined, path)
  }
  t.equal(folder.read('large', 3), undefined)
  t.same(folder.files('a'), ['file'])
  t.same([folder.files('link'), folder.files('..'), folder.files('absent')], [[], [], []])
  t.same(
    ['a/file', 'large', 'a', 'link', 'link/file', '../x'].map(path => folder.has(path, 10)),
    [true, true, false, false, false, false],
  )
  t.notOk(folder.has('large', 3))
})
