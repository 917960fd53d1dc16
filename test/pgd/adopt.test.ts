import { spawnSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { ended, Person } from './support/cli.ts'

// Databases that lie in the storage and were not made by pgd, as an account without rights takes them over.
const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort() : []
const bin = `/usr/lib/postgresql/${versions.at(-1)}/bin`
t.setTimeout(600_000)

if (versions.length === 0) t.pass('nothing to do', { skip: 'there is no PostgreSQL of Debian here' })
else {
  const person = new Person()
  t.teardown(() => person.leave())
  const store = join(person.home, 'store')
  const must = async (...words: string[]): Promise<void> => {
    const { exit, stderr } = await ended(person.start(words))
    if (exit !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  }
  /** Data of a server that was never of pgd, with rows. */
  const template = join(person.home, 'template')
  await must(`${bin}/initdb`, '-A', 'trust', '-U', 'postgres', '--locale=C.UTF-8', '--no-sync', template)
  const rows = 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id'
  await must('sh', '-c', `echo '${rows}' | ${bin}/postgres --single -D ${template} postgres`)
  const put = async (place: string): Promise<string> => {
    const path = join(store, place)
    await must('mkdir', '-p', '-m', '700', dirname(path))
    await must('chmod', '700', store)
    await must('cp', '-a', template, path)
    return path
  }
  const files = (path: string): string =>
    spawnSync('find', [path, '-printf', '%p %s %U\n'], { encoding: 'utf8' }).stdout
  const adopt = (...args: string[]) => person.pgd('project', 'adopt', ...args)

  await t.test('databases that somebody put there become branches, wherever their data lie', async s => {
    await put('shop/main')
    await put('shop/dev/pgdata')
    await put('shop/old/15/docker')
    // As Debian has it.
    rmSync(join(store, 'shop/main/postgresql.conf'))
    s.match((await person.pgd('status')).json.status, { projects: 0, foreign: ['shop'] })
    const { exit, json, stderr } = await adopt('shop')
    s.match({ exit, json }, { exit: 0, json: { project: { name: 'shop', branches: 3, running: 3 } } }, stderr)
    for (const name of ['main', 'dev', 'old']) {
      s.equal(await person.sql(`shop/${name}`, 'SELECT count(*) FROM item'), '1000')
    }
    s.equal((await person.pgd('branch', 'create', 'shop/new')).exit, 0)
    s.equal(await person.sql('shop/new', 'SELECT count(*) FROM item'), '1000')
    s.match(await adopt('shop'), { exit: 73, json: { error: { code: 'PGD_EXISTS' } } })
    s.match((await person.pgd('status')).json.status, { projects: 1, branches: 4, foreign: [] })
  })

  await t.test('one more can join a project that is there, and goes with it', async s => {
    await put('shop/more')
    s.equal((await adopt('shop')).exit, 0)
    s.equal(await person.sql('shop/more', 'SELECT count(*) FROM item'), '1000')
    s.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
    s.strictSame((await person.pgd('status')).json.status.foreign, [])
  })

  await t.test('what can be no branch is refused, and stays as it is', async s => {
    const main = await put('bad/main')
    const no = async (message: RegExp, exit: number, ...args: string[]): Promise<void> => {
      const before = files(join(store, 'bad'))
      s.match(await adopt('bad', ...args), { exit, json: { error: { message } } })
      s.equal(files(join(store, 'bad')), before, `${message}`)
    }
    s.match(await adopt('nothing'), { exit: 66 })
    await no(/of one version/, 78, '--pg-version', '14')
    mkdirSync(join(store, 'bad/empty'))
    if (process.getuid?.() === 0) chownSync(join(store, 'bad/empty'), 65534, 65534)
    await no(/no data of PostgreSQL in bad\/empty/, 78)
    renameSync(join(store, 'bad/empty'), join(store, 'bad/a b'))
    await no(/can be no branches: "bad\/a b"/, 78)
    rmSync(join(store, 'bad/a b'), { recursive: true })
    symlinkSync('/tmp', join(main, 'pg_tblspc/16400'))
    await no(/tablespaces elsewhere/, 78)
    rmSync(join(main, 'pg_tblspc/16400'))
    appendFileSync(join(main, 'standby.signal'), '')
    await no(/is of a standby/, 78)
    rmSync(join(main, 'standby.signal'))
    renameSync(main, join(store, 'bad/other'))
    await no(/There is no bad\/main/, 66)
    renameSync(join(store, 'bad/other'), main)
    if (process.getuid?.() === 0) {
      chownSync(join(main, 'PG_VERSION'), 0, 0)
      await no(/does not belong to this account/, 77)
      chownSync(join(main, 'PG_VERSION'), 65534, 65534)
    }
    const server = person.start([`${bin}/postgres`, '-D', main, '-p', '6499', '-k', person.home])
    for (let tries = 0; !existsSync(join(main, 'postmaster.pid')) && tries < 400; tries += 1) await delay(25)
    s.match(await adopt('bad'), { exit: 78, json: { error: { message: /A server runs on/ } } })
    // It is killed, as a machine dies: what lies there then is what a copy of a running one is.
    spawnSync('pkill', ['-KILL', '-P', String(server.pid)])
    server.kill('SIGKILL')
    await ended(server)
    s.equal((await adopt('bad')).exit, 0, 'it recovers')
    s.equal(await person.sql('bad/main', 'SELECT count(*) FROM item'), '1000')
    s.equal((await person.pgd('project', 'delete', 'bad')).exit, 0)
  })

  await t.test('one that was killed goes on where it was, and nothing is lost', async s => {
    for (const pause of [400, 900]) {
      await put('again/main')
      await put('again/dev')
      const child = person.startPgd(['project', 'adopt', 'again'])
      const end = ended(child)
      await delay(pause)
      child.kill('SIGKILL')
      await end
      const mended = await person.pgd('repair')
      s.equal(mended.exit, 0, mended.stdout + mended.stderr)
      const { exit, json } = await adopt('again')
      s.ok(exit === 0 || json.error.code === 'PGD_EXISTS', `after ${pause} ms: ${exit}`)
      s.equal((await person.pgd('repair')).exit, 0)
      for (const name of ['main', 'dev'])
        s.equal(await person.sql(`again/${name}`, 'SELECT count(*) FROM item'), '1000')
      s.equal((await person.pgd('project', 'delete', 'again')).exit, 0)
    }
  })

  await t.test('an import does not take links to elsewhere along', async s => {
    symlinkSync('/tmp', join(template, 'pg_tblspc/16400'))
    const end = await person.pgd('import', 'imported', '--from-directory', template)
    s.match(end, { exit: 78, json: { error: { code: 'PGD_FOREIGN', message: /tablespaces elsewhere/ } } })
    rmSync(join(template, 'pg_tblspc/16400'))
    rmSync(join(template, 'postgresql.conf'))
    s.equal((await person.pgd('import', 'imported', '--from-directory', template)).exit, 0)
    s.equal(await person.sql('imported/main', 'SELECT count(*) FROM item'), '1000')
  })
}
