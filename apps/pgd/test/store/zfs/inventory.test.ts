import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../../../../packages/privexec/test/support/property.ts'
import { newId } from '../../../src/names/id.ts'
import { datasetOf, readInventory } from '../../../src/store/zfs/inventory.ts'
import { parseRows } from '../../../src/store/zfs/rows.ts'

const [base, mountpoint] = ['tank/pgd/databases', '/srv/databases']
const created = '2026-09-21T20:26:40.000Z'
const facts = {
  project: `id=${newId()},created=${created},runtime=process,version=15`,
  volume: `id=${newId()},state=ready,created=${created},port=5433,wanted=running`,
  snapshot: `id=${newId()},kind=branch,created=${created}`,
}

type Table = Readonly<Record<string, string | readonly [value: string, source: string]>>

/** What zfs prints of these things; a property without a source has `-`. */
const printed = (things: Readonly<Record<string, Table>>): string =>
  Object.entries(things)
    .flatMap(([name, table]) =>
      Object.entries(table).map(([property, value]) => {
        const [text, source] = typeof value === 'string' ? [value, '-'] : value
        return `${[name, property, text, source].join('\t')}\n`
      }),
    )
    .join('')

const dataset = (guid: string, more: Table = {}): Table => ({
  ...{ type: 'filesystem', guid, origin: '-', used: '1', referenced: '2', available: '3', mounted: 'no', ...more },
})
const local = (text: string) => [text, 'local'] as const
const from = (text: string, above: string) => [text, `inherited from ${above}`] as const
const project = `${base}/acme`
const main = `${project}/main`

const things = {
  [base]: dataset('1'),
  [project]: dataset('2', { 'pgd:project': local(facts.project) }),
  [`${main}@s1`]: dataset('4', {
    ...{ type: 'snapshot', 'pgd:project': from(facts.project, project), 'pgd:volume': from(facts.volume, main) },
    'pgd:snapshot': local(facts.snapshot),
  }),
  [main]: dataset('3', {
    ...{ mounted: 'yes', used: '123456789012', 'pgd:volume': local(facts.volume) },
    'pgd:project': from(facts.project, project),
  }),
  [`${project}/dev__2`]: dataset('5', { origin: `${main}@s1`, 'pgd:volume': local(facts.volume) }),
}
const read = (more: Readonly<Record<string, Table>> = {}) =>
  readInventory(base, mountpoint, parseRows(printed({ ...things, ...more })))

t.test('what has facts of its own at its place is ours, in whatever order zfs prints it', async t => {
  const { projects, volumes, snapshots, foreign } = read()
  t.match(projects, [{ name: 'acme', facts: { version: 15 } }])
  t.match(volumes, [
    { branch: 'main', generation: 1, guid: '3', path: '/srv/databases/acme/main', isMounted: true, used: 123456789012 },
    { branch: 'dev', generation: 2, guid: '5', path: '/srv/databases/acme/dev__2', isMounted: false, origin: '4' },
  ])
  t.notOk('origin' in (volumes[0] ?? {}))
  t.match(snapshots, [{ of: { branch: 'main' }, guid: '4', clones: ['5'], facts: { kind: 'branch' } }])
  t.strictSame(foreign, [])
  t.strictSame(
    volumes.map(volume => datasetOf(base, volume)),
    [main, `${project}/dev__2`],
  )
})

t.test('what is inherited, cannot be read, or lies elsewhere is foreign', async t => {
  const foreign = (more: Readonly<Record<string, Table>>) => read(more).foreign
  const volume = { 'pgd:volume': local(facts.volume) }
  for (const [name, table] of [
    [`${project}/hers`, { 'pgd:project': from(facts.project, project) }],
    [`${project}/hers`, { 'pgd:volume': local('hello') }],
    [`${project}/hers`, { 'pgd:volume': local(`${facts.volume},more=1`) }],
    [`${project}/hers`, { 'pgd:volume': from(facts.volume, project) }],
    [`${main}@hers`, { type: 'snapshot', 'pgd:snapshot': from(facts.snapshot, main) }],
    [`${project}/hers`, { type: 'volume', ...volume }],
    [`${project}/b__1`, volume],
    [`${project}/b c`, volume],
    [`${base}/hers`, volume],
    [`${base}/a__b`, { 'pgd:project': local(facts.project) }],
    [`${base}/hers`, { 'pgd:project': ['x', 'received'] }],
    [`${main}/deeper`, volume],
    [`${main}@hers`, { type: 'snapshot', 'pgd:volume': from(facts.volume, main) }],
    [`${project}@hers`, { type: 'snapshot', 'pgd:snapshot': local(facts.snapshot) }],
    [`${base}@hers`, { type: 'snapshot', 'pgd:snapshot': local(facts.snapshot) }],
  ] as const) {
    t.strictSame(foreign({ [name]: dataset('9', table) }), [name], `${name} ${JSON.stringify(table)}`)
  }
  const orphan = { [`${base}/none/main`]: dataset('9', volume), [`${base}/none`]: dataset('8') }
  t.strictSame(foreign(orphan), [`${base}/none`, `${base}/none/main`], 'a volume of no project')
})

t.test('a clone that is not ours counts as one, and an origin elsewhere is named', async t => {
  const { snapshots } = read({ [`${project}/hers`]: dataset('9', { origin: `${main}@s1` }) })
  t.strictSame(snapshots[0]?.clones, ['5', '9'])
  const { volumes } = read({ [main]: dataset('3', { origin: 'tank/other@s', 'pgd:volume': local(facts.volume) }) })
  t.equal(volumes[0]?.origin, 'tank/other@s')
})

t.test('values of strangers make up no property of anything that zfs tells of', async t => {
  const name = fc.constantFrom(base, project, main)
  const line = fc.tuple(
    name,
    fc.constantFrom('guid', 'pgd:volume', 'pgd:project', 'origin'),
    fc.stringMatching(/^[a-z]{1,4}$/),
  )
  await holds(
    t,
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), lines => {
      const evil = ['x', ...lines.map(([of, property, value]) => `${[of, property, value, 'local'].join('\t')}`)].join(
        '\n',
      )
      const last = { [`${project}/zz`]: dataset('9', { 'pgd:snapshot': local(evil) }) }
      const { volumes, projects } = read(last)
      return volumes[0]?.guid === '3' && projects.length === 1 && volumes[0]?.facts.port === 5433
    }),
  )
})
