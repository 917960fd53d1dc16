import fc from 'fast-check'
import t from 'tap'
import { runProgram } from '../../apps/pgd/src/cli/program.ts'
import { written } from '../../apps/pgd/test/cli/support.ts'
import { holds } from '../../packages/privexec/test/support/property.ts'
import { main, Person } from './support/cli.ts'
import { files } from './support/traces.ts'

/*
 * Every field of the command line gets values that it must refuse, through the whole command: in this process for many, and
 * as an account without rights for some. PGD_FUZZ says how many for each field (8 by default).
 */
const runs = Number(process.env.PGD_FUZZ ?? 8)
t.setTimeout(600_000)

/** Pieces of what shells, paths, SQL, ZFS, Docker and terminals read in their own way. */
const piece = fc.constantFrom(
  ...[
    '-x',
    '--yes',
    '../',
    '/',
    '//',
    '@',
    '%',
    '%s',
    ';',
    '&',
    '|',
    '$(id)',
    '`id`',
    "'",
    '"',
    '\\',
    '*',
    '?',
    '~',
    '#',
  ],
  ...[' ', '\t', '\n', '\r', '\u0000', '\u001b[31m', '\u007f', '\u0085', '\u200b', '\u202e', 'ä', '数', '😀', '\ud800'],
  ...[
    '__',
    '--',
    '-',
    '_',
    '.',
    '..',
    ',',
    '=',
    ':',
    'a',
    'Z',
    '0',
    'x'.repeat(64),
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    'DROP TABLE',
  ],
)
const text = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 5 }).map(all => all.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.constant(''),
)

/** A field, how a command line has it, and what it takes; everything else must be refused. */
interface Field {
  readonly name: string
  readonly words: (value: string) => readonly string[]
  readonly good: RegExp
}

const name = /^(?=.{1,50}$)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/
const id = /^[a-hjkmnp-z][a-hjkmnp-z2-9]{3,9}$/
const ref = /^(?=[^/]{1,50}\/)(?=.*\/.{1,50}$)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\/[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/
const span = /^[1-9]\d{0,8}[smhd]$/
const size = /^[1-9]\d{0,12}[kmgt](?:i?b)?$/i
const image = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/
const option =
  (command: readonly string[], flag: string) =>
  (value: string): readonly string[] => [...command, `--${flag}=${value}`]
const create = ['branch', 'create', 'shop/new']

const fields: readonly Field[] = [
  { name: 'project', words: value => ['project', 'create', value], good: name },
  { name: 'project', words: value => ['import', value, '--from-dump=/dev/null'], good: name },
  { name: 'branch', words: value => ['branch', 'create', value], good: ref },
  { name: 'parent', words: option(create, 'parent'), good: new RegExp(`${ref.source}|${id.source}`) },
  { name: 'at', words: option(create, 'at'), good: /^(?:\d{4}-\d\d-\d\d|\d+[smhd] ago$|-\d+[smhd]$)/ },
  { name: 'ttl', words: option(create, 'ttl'), good: span },
  { name: 'label', words: option(create, 'label'), good: /^[A-Za-z0-9][A-Za-z0-9_.:+/@-]{0,99}$/ },
  { name: 'memory', words: option(create, 'memory'), good: size },
  { name: 'cpus', words: option(create, 'cpus'), good: /^\d{1,4}(?:\.\d{1,2})?$/ },
  { name: 'port', words: option(create, 'port'), good: /^[1-9]\d{3,4}$/ },
  { name: 'snapshot', words: option(create, 'snapshot'), good: id },
  { name: 'timeout', words: option(create, 'timeout'), good: span },
  { name: 'image', words: option(['project', 'create', 'new', '--runtime=docker'], 'image'), good: image },
  { name: 'pg-version', words: option(['project', 'create', 'new'], 'pg-version'), good: /^1[3-8]$/ },
  { name: 'memory', words: option(['project', 'create', 'new'], 'memory'), good: size },
  { name: 'newName', words: value => ['branch', 'rename', 'shop/main', value], good: name },
  { name: 'snapshot', words: value => ['snapshot', 'delete', value, '--yes'], good: id },
  {
    name: 'label',
    words: option(['snapshot', 'create', 'shop/main'], 'label'),
    good: /^[A-Za-z0-9][A-Za-z0-9_.:+/@-]{0,99}$/,
  },
  { name: 'older-than', words: option(['snapshot', 'prune', 'shop/main', '--yes'], 'older-than'), good: span },
  { name: 'keep', words: option(['snapshot', 'prune', 'shop/main', '--yes'], 'keep'), good: /^\d{1,6}$/ },
  {
    name: 'branch',
    words: value => ['branch', 'delete', value, '--yes'],
    good: new RegExp(`${ref.source}|${id.source}`),
  },
  { name: 'store', words: option(['status'], 'store'), good: /^(?:zfs:|directory:\/)/ },
]

/** Words of help are no value; they end a call well. */
const isHelp = (value: string): boolean => /^-[^-]*h|^--h/.test(value)
const bad = ({ good }: Field) => text.filter(value => !good.test(value) && !isHelp(value) && value !== '--')

/** What is wrong with how a value was refused; undefined when it was as it must be. */
function faultOf({ name }: Field, exit: unknown, stdout: string, stderr: string): string | undefined {
  const lines = stderr.split('\n')
  if (stdout !== '' || lines.length !== 2) return 'it says something else'
  const { error } = JSON.parse(lines[0] ?? '') as { error: Record<string, string> }
  const isUsage = error.code === 'PGD_USAGE'
  if (!isUsage && error.code !== 'PGD_INPUT_INVALID') return `the code is ${error.code}`
  if (exit !== (isUsage ? 64 : 65)) return `the exit status is ${exit}`
  if (!isUsage && error.field !== name) return `the field is ${error.field}`
  return [error.message, error.hint].every(words => words !== undefined && /^[ -~]+$/.test(words))
    ? undefined
    : 'the message is not escaped'
}

const person = new Person({ env: { PGD_RUNTIME: 'docker', DOCKER_HOST: 'unix:///nowhere' } })
t.teardown(() => person.leave())

t.test('no field takes what is not of its kind, and nothing is made', async t => {
  const names = ['HOME', 'PGD_STORE', 'PGD_RUNTIME', 'DOCKER_HOST', 'XDG_STATE_HOME', 'XDG_DATA_HOME'] as const
  const kept = names.map(variable => [variable, process.env[variable]] as const)
  for (const variable of names) delete process.env[variable]
  Object.assign(process.env, { HOME: person.home, PGD_STORE: person.env.PGD_STORE, DOCKER_HOST: 'unix:///nowhere' })
  t.teardown(() => {
    for (const [variable, value] of kept) {
      if (value === undefined) delete process.env[variable]
      else process.env[variable] = value
    }
  })
  // Each call listens anew, and a warning is no answer.
  process.stdout.setMaxListeners(0)
  const before = files(person)
  for (const field of fields) {
    const title = `${field.words('VALUE').join(' ')}`
    const refused = fc.asyncProperty(bad(field), async value => {
      const { value: exit, stdout, stderr } = await written(() => runProgram([...field.words(value), '--json']))
      const fault = faultOf(field, exit, stdout, stderr)
      if (fault !== undefined) t.comment(`${JSON.stringify(value)}: ${fault}: ${stderr}`)
      return fault === undefined
    })
    await holds(t, refused, { numRuns: runs }, title)
  }
  t.strictSame(files(person), before)
})

t.test('the command as it is started refuses the same, for people too', async t => {
  // The list of accounts for containers is prepared before an engine is asked, and stays.
  const made = (): readonly string[] => files(person).filter(file => !file.startsWith('file .local/'))
  const before = made()
  const draw = fc.sample(
    fc.constantFrom(...fields).chain(field => fc.tuple(fc.constant(field), bad(field))),
    Math.ceil(runs / 2),
  )
  for (const [field, value] of draw.filter(([, one]) => one.isWellFormed() && !one.includes('\0'))) {
    const words = field.words(value)
    const { exit, stdout, stderr } = await person.pgd(...words)
    t.equal(faultOf(field, exit, stdout, stderr), undefined, JSON.stringify(words))
    const shown = await person.run(process.execPath, main, ...words)
    t.match(shown, { exit, stdout: '' })
    t.match(shown.stderr, /^pgd: [ -~]+\n {2}[ -~]+\n$/)
  }
  t.strictSame(made(), before)
})
