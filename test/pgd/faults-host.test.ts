import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { imageVersion, killEngine } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { ended, Person } from './support/cli.ts'
import { fails } from './support/fault.ts'
import { containers, files, processes } from './support/traces.ts'

// Faults that need a host: a disk that is full, and an engine that dies half-way.
const skip = insideHost()
  ? false
  : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/faults-host.test.ts'
/** Milliseconds after which the engine dies; PGD_WHOLE=1 takes many. */
const moments = process.env.PGD_WHOLE === '1' ? Array.from({ length: 14 }, (_, index) => 150 + index * 75) : [350, 800]
if (skip === false) prepareHost({ docker: true })
t.setTimeout(600_000)

const run = (program: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}
/** A query of that many rows with 3 kB each. */
const big = (rows: number): string =>
  `SELECT string_agg(md5(random()::text), '') AS text FROM generate_series(1, ${rows}) AS id, generate_series(1, 100) GROUP BY id`

/** Rows of main; its server ends itself where it cannot write its own log, and comes back by itself. */
async function answered(person: Person): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await person.sql('shop/main', 'SELECT count(*) FROM item')
    } catch (error) {
      if (tries > 20) throw error
      await delay(500)
    }
  }
}

/**
 * An engine that was killed may have forgotten a container that it had just started, whose address it then gives to another
 * one. The server in it ends by itself within a minute, since its files are gone.
 */
async function repaired(person: Person): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { exit, stdout } = await person.pgd('repair')
    if (exit === 0) return
    if (tries > 8 || !/answers on its socket, and not on/.test(stdout)) throw new Error(stdout)
    await delay(5000)
  }
}

const noSpace = { code: 'PGD_NO_SPACE', exit: 74 }

/** A person whose databases lie on a small disk. */
function onSmallDisk(s: Test, megabytes: number) {
  const person = new Person({ account: 'alice' })
  const store = join(person.home, 'store')
  mkdirSync(store)
  const resize = (size: number): void => run('mount', '-o', `remount,size=${size}m`, store)
  const used = (): number => {
    const { blocks, bfree, bsize } = statfsSync(store)
    return Math.ceil(((blocks - bfree) * bsize) / 2 ** 20)
  }
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700,uid=${person.uid}`, 'small', store)
  s.teardown(() => {
    // The root of a mount is not removed with its files.
    spawnSync('umount', ['--lazy', store])
    person.leave()
  })
  return { person, resize, used, traces: () => [...files(person), ...processes(person)] }
}

t.test('a full disk makes calls fail, and what is there goes on', { skip }, async s => {
  const { person, resize, used, traces } = onSmallDisk(s, 20)
  const empty = (): string[] => traces().filter(line => /store\/\w|servers\/|^process/.test(line))
  await fails(s, person, noSpace, 'project', 'create', 'shop')
  s.strictSame(empty(), [], 'nothing is left')

  resize(500)
  s.equal((await person.pgd('project', 'create', 'shop')).exit, 0)
  await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  await person.sql('shop/main', `CREATE TABLE big AS ${big(20_000)}`)
  const before = traces()
  // Room for the archive of the server, and not for a copy.
  resize(used() + 60)
  await fails(s, person, noSpace, 'branch', 'create', 'shop/dev')
  await fails(s, person, noSpace, 'snapshot', 'create', 'shop/main')
  s.equal((await person.pgd('repair')).exit, 0)
  s.strictSame(traces(), before, 'nothing is left')
  s.equal(await answered(person), '1000')

  // Room for a server, and not for all of a dump.
  resize(used() + 200)
  const dump = join(person.home, 'sources')
  writeFileSync(dump, `CREATE TABLE big AS ${big(100_000)};\n`)
  chownSync(dump, person.uid, person.uid)
  await fails(s, person, noSpace, 'import', 'load', '--from-dump', dump)
  s.strictSame(
    traces().filter(line => !line.endsWith(' sources')),
    before,
    'nothing is left',
  )
  s.equal(await answered(person), '1000')
  s.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
})

t.test('an engine that dies half-way is told, and one command cleans up when it is back', { skip }, async s => {
  const person = new Person({ account: 'alice', env: { PGD_RUNTIME: 'docker' } })
  s.teardown(() => person.leave())
  const must = async (...args: string[]) => {
    const end = await person.pgd(...args)
    if (end.exit !== 0) throw new Error(end.stderr || end.stdout)
    return end.json
  }
  await must('project', 'create', 'shop', '--pg-version', String(imageVersion()))
  await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  const before = [...files(person), ...containers()]
  const dead = { code: 'PGD_RUNTIME_UNAVAILABLE', exit: 69 }
  let failed = 0
  for (const moment of moments) {
    const child = person.startPgd(['branch', 'create', 'shop/dev', '--json'])
    const end = ended(child)
    await delay(moment)
    killEngine()
    const { exit, json, stderr } = await end
    if (exit !== 0) {
      failed += 1
      s.match({ exit, code: json?.error?.code }, dead, stderr)
      s.match(json?.error, { message: /container engine/, hint: /\w/ }, 'what to do')
    }
    await fails(s, person, dead, 'branch', 'create', 'shop/more')
    await fails(s, person, dead, 'snapshot', 'create', 'shop/main')
    for (const verb of ['stop', 'restart']) await fails(s, person, dead, 'branch', verb, 'shop/main')
    s.match((await must('branch', 'get', 'shop/main')).branch, { state: 'failed', reason: /cannot be asked/ })
    prepareHost({ docker: true })
    await repaired(person)
    s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')
    if (exit === 0) await must('branch', 'delete', 'shop/dev')
    s.strictSame([...files(person), ...containers()], before, `nothing is left, after ${moment} ms`)
  }
  s.ok(failed > 0, 'it died half-way at least once')
  await must('project', 'delete', 'shop')
})
