import t from 'tap'
import { runProgram } from '../../src/cli/program.ts'
import { answers, answersJsonSchema } from '../../src/cli/schema.ts'
import { Pgd } from '../../src/pgd.ts'
import { branch, mending, plain, project, snapshot, written } from './support.ts'

/** Answers of a `Pgd` that has nothing behind it. */
const fake = {
  projects: {
    create: async () => project,
    list: async () => [project],
    get: async () => project,
    import: async () => project,
    adopt: async () => project,
    delete: async () => {},
  },
  branches: {
    ...Object.fromEntries(
      ['create', 'get', 'reset', 'undoReset', 'start', 'stop', 'restart', 'rename', 'protect', 'promote'].map(name => [
        name,
        async () => branch,
      ]),
    ),
    list: async () => [branch, plain],
    delete: async () => {},
    rotatePassword: async () => branch,
    connection: async () => ({
      user: 'postgres',
      password: 'word',
      url: 'postgresql://postgres:word@127.0.0.1:7001/x',
    }),
    diff: async () => ({ left: 'a/b', right: 'a/c', schema: '+x', rows: [{ table: 'public.item', left: 3 }] }),
  },
  snapshots: {
    create: async () => snapshot,
    list: async () => [snapshot],
    delete: async () => {},
    prune: async () => [mending],
  },
  wal: {
    info: async () => ({ branch: 'shop/main', segments: 1, bytes: 16_777_216, timeline: 1, gaps: [] }),
    prune: async () => [mending],
  },
  status: async () => ({
    ...{ store: { title: 'here', free: 1, total: 2 }, runtimes: ['docker'], projects: 1, branches: 2, running: 1 },
    ...{ attention: [branch], foreign: ['what'] },
  }),
  repair: async () => [mending],
  gc: async () => [{ ...mending, done: false }],
}
const open = Pgd.open
Pgd.open = async () => fake as unknown as Pgd
t.teardown(() => {
  Pgd.open = open
})

const calls: readonly (readonly [keyof typeof answers, string, exit?: number])[] = [
  ['status', 'status'],
  ['project', 'project create shop --pg-version 17 --memory 512m --cpus 0.5'],
  ['projects', 'project list'],
  ['project', 'project get shop'],
  ['deleted', 'project delete shop --yes'],
  ['project', 'project adopt shop --pg-version 17'],
  ['project', 'import shop --from-dump x.dump'],
  ['branch', 'branch create shop/dev --ttl 2h --port 7001 --label word'],
  ['branches', 'branch list'],
  ['branch', 'branch get shop/dev'],
  ['branch', 'branch reset shop/dev --yes'],
  ['branch', 'branch reset shop/dev --undo --yes'],
  ['deleted', 'branch delete shop/dev --yes'],
  ['branch', 'branch start shop/dev'],
  ['branch', 'branch stop shop/dev'],
  ['branch', 'branch restart shop/dev'],
  ['branch', 'branch rename shop/dev new'],
  ['branch', 'branch protect shop/dev --off'],
  ['branch', 'branch promote shop/dev'],
  ['snapshot', 'snapshot create shop/dev'],
  ['snapshots', 'snapshot list'],
  ['deleted', 'snapshot delete kq7m --yes'],
  ['done', 'snapshot prune shop/dev --keep 3 --yes'],
  ['wal', 'wal info shop/dev'],
  ['done', 'wal prune shop/dev'],
  ['url', 'url shop/dev'],
  ['password', 'password shop/dev --rotate'],
  ['diff', 'diff shop/main shop/dev'],
  ['done', 'repair'],
  ['done', 'gc', 70],
  ['done', 'gc --dry-run'],
]

t.test('each verb answers with one line that its schema knows, and no key more', async s => {
  for (const [kind, line, exit = 0] of calls) {
    const { value, stdout, stderr } = await written(() => runProgram([...line.split(' '), '--json']))
    s.equal(value, exit, `${line}: ${stderr}`)
    s.match(stdout, /^\{"schema":"pgd\/1",[^\n]*\}\n$/)
    s.equal(answers[kind].safeParse(JSON.parse(stdout)).error, undefined, `${line} is ${kind}`)
  }
})

t.test('an answer of another kind, with a key too much or too few is not taken', async s => {
  const right = { schema: 'pgd/1', branch }
  s.ok(answers.branch.safeParse(right).success)
  const { port: _port, ...less } = branch
  for (const wrong of [
    { ...right, schema: 'pgd/2' },
    { ...right, more: 1 },
    { schema: 'pgd/1', branch: less },
    { schema: 'pgd/1', branch: { ...branch, password: 'word' } },
    { schema: 'pgd/1', branch: { ...branch, state: 'asleep' } },
    { schema: 'pgd/1', project },
  ]) {
    s.notOk(answers.branch.safeParse(wrong).success, JSON.stringify(wrong))
  }
})

t.test('the JSON Schema names every kind of answer, and lets keys be added', async s => {
  const { anyOf } = answersJsonSchema() as { readonly anyOf: readonly { readonly required: readonly string[] }[] }
  s.equal(anyOf.length, Object.keys(answers).length)
  for (const { required } of anyOf) s.ok(required.includes('schema') && required.length > 1)
  s.notMatch(JSON.stringify(answersJsonSchema()), /additionalProperties/)
})

t.test('what people are shown ends with one newline, and what has nothing to say is silent', async s => {
  for (const [, line] of calls) {
    const { stdout } = await written(() => runProgram(line.split(' ')))
    if (line.includes(' delete ')) s.equal(stdout, '', line)
    else s.match(stdout, /[^\n]\n$/, line)
  }
})
