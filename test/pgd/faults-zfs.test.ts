import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { Person } from './support/cli.ts'
import { fails } from './support/fault.ts'
import { datasets, files, processes } from './support/traces.ts'
import { startZfsBroker } from './support/zfs-broker.ts'

// A pool that is full, and a dataset that is not mounted, as an account meets them.
const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/faults-zfs.test.ts'
const base = 'faults/pgd/databases'
t.setTimeout(300_000)

const run = (program: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}
const zfs = (...args: string[]): string => run('/usr/sbin/zfs', ...args)

/** 300 MB that compress badly. */
const big = `SELECT string_agg(md5(random()::text), '') AS text FROM generate_series(1, 100000) AS id, generate_series(1, 100) GROUP BY id`

t.test('a full pool, and data that are not mounted, are told, and nothing is left or made anew', { skip }, async s => {
  prepareHost({ zfs: true })
  run('truncate', '-s', '1G', '/var/lib/faults.img')
  run('/usr/sbin/zpool', 'create', 'faults', '/var/lib/faults.img')
  t.teardown(() => void spawnSync('/usr/sbin/zpool', ['destroy', 'faults']))
  zfs('create', 'faults/pgd')
  zfs('create', '-o', 'setuid=off', '-o', 'devices=off', base)
  const daemon = await startZfsBroker('faults')
  t.teardown(() => daemon.stop())
  const person = new Person({ account: 'alice', env: { PGD_STORE: `zfs:${base}` } })
  s.teardown(() => person.leave())
  const traces = (): string[] =>
    [...datasets(base), ...files(person), ...processes(person)].filter(line => !line.endsWith(' sources'))
  s.equal((await person.pgd('project', 'create', 'shop')).exit, 0)
  await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  const before = traces()

  zfs('set', `quota=${Number(zfs('get', '-Hp', '-o', 'value', 'used', base)) + 6 * 2 ** 20}`, base)
  await fails(s, person, { code: 'PGD_NO_SPACE', exit: 74 }, 'project', 'create', 'other')
  zfs('set', 'quota=none', base)
  s.equal((await person.pgd('repair')).exit, 0)
  s.strictSame(traces(), before, 'nothing is left')
  s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')

  const noSpace = { code: 'PGD_NO_SPACE', exit: 74 }
  const used = (): number => Number(zfs('get', '-Hp', '-o', 'value', 'used', base))
  // Room for a clone and its own files, and for nothing that its server writes; then for less than that.
  for (const room of [60, 0]) {
    zfs('set', `quota=${used() + room * 1024}`, base)
    await fails(s, person, noSpace, 'branch', 'create', 'shop/dev')
    zfs('set', 'quota=none', base)
    s.equal((await person.pgd('repair')).exit, 0)
    s.strictSame(traces(), before, `nothing is left of a branch with ${room} kB of room`)
  }
  // Room for an empty database, and not for all of a dump.
  const dump = join(person.home, 'sources')
  writeFileSync(dump, `CREATE TABLE big AS ${big};\n`)
  zfs('set', `quota=${used() + 120 * 2 ** 20}`, base)
  await fails(s, person, noSpace, 'import', 'load', '--from-dump', dump)
  zfs('set', 'quota=none', base)
  s.strictSame(traces(), before, 'nothing is left of an import')

  const filler = '/faults/filler'
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=128k'], { stdio: 'ignore' })
  await fails(s, person, noSpace, 'branch', 'create', 'shop/dev')
  await fails(s, person, noSpace, 'import', 'load', '--from-dump', dump)
  rmSync(filler)
  rmSync(dump)
  s.equal((await person.pgd('repair')).exit, 0)
  s.strictSame(traces(), before, 'nothing is left of what a full pool refused')
  s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')

  s.equal((await person.pgd('branch', 'stop', 'shop/main')).exit, 0)
  const place = `/${base}/shop/main`
  zfs('unmount', `${base}/shop/main`)
  await fails(s, person, { code: 'PGD_NOT_MOUNTED', exit: 78 }, 'url', 'shop/main')
  writeFileSync(`${place}/in-the-way`, '')
  const { exit, json } = await person.pgd('branch', 'start', 'shop/main')
  s.not(exit, 0)
  s.match(json.error, { code: /^PGD_/, message: /shop\/main/, hint: /\w/ })
  s.strictSame(readdirSync(place), ['in-the-way'], 'no database is made where one is missing')
  rmSync(`${place}/in-the-way`)
  s.equal((await person.pgd('branch', 'start', 'shop/main')).exit, 0)
  s.ok(existsSync(`${place}/data/PG_VERSION`))
  s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')
  s.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
})
