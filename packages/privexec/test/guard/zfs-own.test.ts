import t from 'tap'
import type { Guard, GuardHost, GuardSubject, Look } from '../../src/guard/guard.ts'
import { freshlyMounted } from '../../src/guard/zfs.ts'
import {
  newDatasetPlace,
  originOfOurs,
  ourDataset,
  ourMember,
  ourSnapshot,
  renamedPlace,
  snapshotOfOurs,
} from '../../src/guard/zfs-own.ts'
import { directory } from './support/host.ts'

const base = 'tank/pgd/databases'
const [project, main, snapshot] = [`${base}/shop`, `${base}/shop/main`, `${base}/shop/main@s1`]
const where = { base: { dataset: base, depth: 2 } }

type Table = Record<string, [value: string, source: string]>

/** Datasets as pgd makes them, but for these rows. */
function tables(change: Record<string, Table> = {}): Record<string, Table> {
  const inherited = `inherited from ${base}`
  const off: Table = { type: ['filesystem', '-'], setuid: ['off', inherited], devices: ['off', inherited] }
  const marks: Table = { 'pgd:project': ['-', '-'], 'pgd:volume': ['-', '-'], 'pgd:snapshot': ['-', '-'] }
  const dataset = (name: string, more: Table): Table => ({
    ...{ ...off, ...marks, origin: ['-', '-'], mountpoint: [`/${name}`, 'default'], ...more, ...change[name] },
  })
  const volume: Table = { canmount: ['noauto', 'local'], 'pgd:volume': ['id=a', 'local'] }
  return {
    [base]: dataset(base, { canmount: ['on', 'default'] }),
    [project]: dataset(project, { canmount: ['off', 'local'], 'pgd:project': ['id=p', 'local'] }),
    [main]: dataset(main, { ...volume, 'pgd:project': ['id=p', `inherited from ${project}`] }),
    [`${project}/dev`]: dataset(`${project}/dev`, { ...volume, origin: [snapshot, '-'] }),
    [snapshot]: dataset(snapshot, {
      'pgd:snapshot': ['id=s', 'local'],
      'pgd:volume': ['id=a', `inherited from ${main}`],
    }),
  }
}

/** A host whose zfs knows these tables, and prints what is asked for as zfs does. */
const hostOf = (known: Record<string, Table>, places: Record<string, Look> = {}, mounts = ''): GuardHost => ({
  read: async path => (path === '/proc/1/mountinfo' ? `1 0 0:1 / / rw - ext4 /dev/sda rw\n${mounts}` : undefined),
  look: async path => ({ '/': directory(), ...places })[path],
  run: async argv => {
    const [names = '', ...datasets] = argv.slice(argv.indexOf('name,property,value,source') + 1)
    const missing = datasets.find(each => !known[each])
    if (missing) return { exitCode: 1, stdout: '', stderr: `cannot open '${missing}': dataset does not exist\n` }
    const rows = datasets.flatMap(each =>
      names.split(',').map(name => [each, name, ...(known[each]?.[name] ?? ['-', '-'])].join('\t')),
    )
    return { exitCode: 0, stdout: `${rows.join('\n')}\n`, stderr: '' }
  },
})

const reason = (
  guard: Guard,
  values: object,
  host: GuardHost = hostOf(tables()),
  bound: object = where,
): Promise<string | undefined> =>
  guard.check({
    ...{ values: { ...values }, where: bound, settings: {}, host },
    program: { executable: '/usr/bin/nsenter', prefix: ['--', '/usr/bin/chown'], path: '/usr/bin/chown' },
  } as GuardSubject)

t.test('ours is what carries its own mark, at its own place', async t => {
  for (const member of [project, main, snapshot]) t.equal(await reason(ourMember, { member }), undefined, member)
  t.equal(await reason(ourDataset, { dataset: main }), undefined)
  t.equal(await reason(ourSnapshot, { snapshot }), undefined)
  t.equal(await reason(snapshotOfOurs, { snapshot: `${main}@new` }), undefined, 'before the snapshot exists')
})

t.test('what is inherited, absent, or set on something of another kind, is no mark', async t => {
  const unmarked = (name: string, mark: string, source: string) =>
    hostOf(tables({ [name]: { [mark]: ['id=x', source] } }))
  for (const [name, mark] of [
    [project, 'pgd:project'],
    [main, 'pgd:volume'],
    [snapshot, 'pgd:snapshot'],
  ] as const) {
    for (const source of [`inherited from ${base}`, '-', 'received', 'default']) {
      const said = `${name} has no ${mark} of its own`
      t.equal(await reason(ourMember, { member: name }, unmarked(name, mark, source)), said)
    }
  }
  const volume = hostOf(tables({ [main]: { 'pgd:volume': ['-', '-'], 'pgd:project': ['id=p', 'local'] } }))
  t.match(await reason(ourDataset, { dataset: main }, volume), /has no pgd:volume of its own/)
  t.match(await reason(snapshotOfOurs, { snapshot: `${main}@new` }, volume), /has no pgd:volume of its own/)
})

t.test('a name without a place below the base is nobody’s to touch', async t => {
  for (const member of [base, 'tank', `${base}x/a/b`, `${main}/deeper`, 'tank/other']) {
    t.match(await reason(ourMember, { member }), /has no place below tank\/pgd\/databases$/, member)
  }
  t.match(await reason(ourMember, { member: `${project}/none` }), /^zfs get failed \(1\)/)
})

t.test('what is set is the mark that is there already', async t => {
  t.equal(await reason(ourMember, { member: main, facts: 'pgd:volume=id=b' }), undefined)
  t.equal(await reason(ourMember, { member: snapshot, facts: 'pgd:snapshot=id=b' }), undefined)
  for (const [member, facts] of [
    [main, 'pgd:project=id=b'],
    [project, 'pgd:volume=id=b'],
    [snapshot, 'pgd:volume=id=b'],
  ] as const) {
    t.match(await reason(ourMember, { member, facts }), /is marked by pgd:\w+, not by "pgd:\w+"$/)
  }
})

t.test('a clone is promoted within the base only', async t => {
  const dev = `${project}/dev`
  t.equal(await reason(originOfOurs, { dataset: dev }), undefined)
  t.equal(await reason(originOfOurs, { dataset: main }), undefined, 'zfs says itself that it is no clone')
  const from = (origin: string) => hostOf(tables({ [dev]: { origin: [origin, '-'] } }))
  t.match(await reason(originOfOurs, { dataset: dev }, from('tank/other@s')), /was made from "tank\/other@s"$/)
  t.match(await reason(originOfOurs, { dataset: dev }, from(`${project}@s`)), /was made from/)
  const foreign = hostOf(tables({ [main]: { 'pgd:volume': ['-', '-'] } }))
  t.match(await reason(originOfOurs, { dataset: dev }, foreign), /has no pgd:volume of its own/)
})

t.test('a new dataset has a place that is never mounted over anything, nor reached through a link', async t => {
  const [to, point] = [`${project}/new`, `/${project}/new`]
  const way = Object.fromEntries(
    point.split('/').map((_, index, names) => [names.slice(0, index + 1).join('/') || '/', directory()]),
  )
  for (const [guard, field] of [
    [newDatasetPlace, 'dataset'],
    [renamedPlace, 'to'],
  ] as const) {
    const at = (change: Record<string, Table>, places: Record<string, Look> = way, mounts = '') =>
      reason(guard, { [field]: to }, hostOf(tables(change), places, mounts))
    const of = (more: Table) => at({ [project]: more })
    t.equal(await at({}), undefined)
    t.equal(await at({}, {}), undefined, 'a directory that is not there will be made')
    t.match(await of({ canmount: ['on', 'default'] }), /has canmount="on"$/)
    t.match(await of({ setuid: ['on', 'local'] }), /has setuid or devices on$/)
    t.match(await of({ devices: ['on', 'local'] }), /has setuid or devices on$/)
    t.match(await of({ mountpoint: ['/etc', 'local'] }), /has mountpoint="\/etc"$/)
    t.match(await of({ 'pgd:project': ['-', '-'] }), /has no pgd:project of its own$/)
    t.match(await at({ [base]: { mountpoint: ['legacy', 'local'] } }), /has mountpoint="legacy"$/)
    t.match(await at({}, { ...way, [point]: directory({ entries: 1 }) }), /is not empty$/)
    t.match(await at({}, { ...way, [`/${project}`]: directory({ uid: 999 }) }), /belongs to the account 999$/)
    t.match(await at({}, { ...way, [`/${project}`]: directory({ kind: 'link' }) }), /is a link and no directory$/)
    t.match(await at({}, way, `9 1 0:9 / ${point} rw - tmpfs none rw\n`), /^"none" is mounted at/)
    t.match(await reason(guard, { [field]: main.replace('shop', 'none') }), /^zfs get failed/)
    t.match(await reason(guard, { [field]: `${base}/shop` }), /has no place below/)
  }
})

t.test('only the root directory of a new, empty, mounted dataset is given away', async t => {
  const point = `/${main}`
  const fresh = Object.fromEntries(
    point.split('/').map((_, index, names) => [names.slice(0, index + 1).join('/') || '/', directory()]),
  )
  const mount = (source = main, type = 'fuse.zfs') => `9 1 0:9 / ${point} rw - ${type} ${source} rw\n`
  const at = (places: Record<string, Look>, mounts: string, bound: object = where) =>
    reason(freshlyMounted, { dataset: main }, hostOf(tables(), { ...fresh, ...places }, mounts), bound)
  t.equal(await at({}, mount()), undefined)
  t.equal(await at({}, mount(main, 'zfs')), undefined)
  t.match(await at({}, ''), /is not mounted at/)
  t.match(await at({}, mount('tank/other')), /is not mounted at/)
  t.match(await at({}, mount() + mount('tank/other')), /is not mounted at/, 'something else covers it')
  t.match(await at({}, mount(main, 'tmpfs')), /is not mounted at/)
  t.match(await at({ [point]: directory({ uid: 1000 }) }, mount()), /belongs to the account 1000$/)
  t.match(await at({ [point]: directory({ entries: 1 }) }, mount()), /is not empty$/)
  t.match(await at({ [point]: directory({ kind: 'link' }) }, mount()), /is a link/)
  t.match(await at({ [point]: undefined as never }, mount()), /is not there$/)
  t.match(await at({ [`/${project}`]: directory({ uid: 1000 }) }, mount()), /belongs to the account 1000$/)
  const elsewhere = { base: { ...where.base, mountpoint: '/srv/databases' } }
  t.match(await at({}, mount(), elsewhere), /has mountpoint="\/tank.*", not \/srv\/databases\/shop\/main$/)
})
