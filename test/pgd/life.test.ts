import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { ended, Person } from './support/cli.ts'

// The command as people use it, as an account without rights: plain directories, and PostgreSQL of this machine.
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
t.setTimeout(600_000)

if (there !== true) t.pass('nothing to do', { skip: there })
else {
  const person = new Person()
  t.teardown(() => person.leave())

  await t.test('a project begins with an empty database that answers over TLS', async s => {
    const { exit, json } = await person.pgd('project', 'create', 'shop')
    s.equal(exit, 0)
    s.match(json, { schema: 'pgd/1', project: { name: 'shop', runtime: 'process', branches: 1, running: 1 } })
    s.equal(await person.sql('shop/main', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), 't')
    await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  })

  await t.test('a branch has the data of its parent, and changes of either are not seen by the other', async s => {
    s.equal((await person.pgd('branch', 'create', 'shop/dev')).exit, 0)
    await person.sql('shop/dev', 'DELETE FROM item WHERE id > 10')
    await person.sql('shop/main', 'INSERT INTO item VALUES (1001)')
    s.equal(await person.sql('shop/dev', 'SELECT count(*) FROM item'), '10')
    s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1001')
  })

  await t.test('a name that is taken is refused, or left as it is when that was asked for', async s => {
    s.match(await person.pgd('branch', 'create', 'shop/dev'), { exit: 73, json: { error: { code: 'PGD_EXISTS' } } })
    s.equal((await person.pgd('branch', 'create', 'shop/dev', '--if-not-exists')).exit, 0)
    s.equal(await person.sql('shop/dev', 'SELECT count(*) FROM item'), '10')
  })

  await t.test('a reset keeps port and password, and can be taken back', async s => {
    const before = (await person.pgd('url', 'shop/dev')).json.url
    await person.pgd('branch', 'protect', 'shop/dev')
    s.match(await person.pgd('branch', 'reset', 'shop/dev'), { exit: 78, json: { error: { code: 'PGD_PROTECTED' } } })
    await person.pgd('branch', 'protect', 'shop/dev', '--off')
    s.match(await person.pgd('branch', 'reset', 'shop/dev'), { exit: 0, json: { branch: { generation: 2 } } })
    s.equal((await person.pgd('url', 'shop/dev')).json.url, before)
    s.equal(await person.sql('shop/dev', 'SELECT count(*) FROM item'), '1001')
    s.equal((await person.pgd('branch', 'reset', 'shop/dev', '--undo')).exit, 0)
    s.equal(await person.sql('shop/dev', 'SELECT count(*) FROM item'), '10')
    s.equal((await person.pgd('url', 'shop/dev')).json.url, before)
  })

  await t.test('a branch can have the data of an instant, as far as snapshot and archive reach', async s => {
    s.match((await person.pgd('wal', 'info', 'shop/main')).json.wal, { from: undefined })
    const early = new Date().toISOString()
    s.equal((await person.pgd('snapshot', 'create', 'shop/main', '--label', 'first')).exit, 0)
    await person.sql('shop/main', 'INSERT INTO item VALUES (2001), (2002)')
    await delay(20)
    const at = new Date().toISOString()
    await delay(20)
    await person.sql('shop/main', 'DELETE FROM item')
    s.equal((await person.pgd('branch', 'create', 'shop/past', '--at', at)).exit, 0)
    s.equal(await person.sql('shop/past', 'SELECT count(*) FROM item'), '1003')
    s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '0')
    // Each goes on on a timeline of its own, into an archive of its own, and a second one is as right as the first.
    s.equal((await person.pgd('branch', 'create', 'shop/past2', '--at', at)).exit, 0)
    s.equal(await person.sql('shop/past2', 'SELECT count(*) FROM item'), '1003')
    for (const no of [early, new Date(Date.now() + 60_000).toISOString(), '2026-01-01 10:00', 'yesterday']) {
      const { exit } = await person.pgd('branch', 'create', 'shop/no', '--at', no)
      s.ok(exit === 78 || exit === 65, `${no} is refused`)
    }
    s.match(await person.pgd('branch', 'get', 'shop/no'), { exit: 66 })
  })

  await t.test('what differs is shown: schema and rows', async s => {
    await person.sql('shop/past', 'CREATE TABLE more (x text)')
    const { json } = await person.pgd('diff', 'shop/main', 'shop/past')
    s.match(json.diff.schema, /^\+CREATE TABLE public\.more/m)
    s.strictSame(json.diff.rows, [
      { table: 'public.item', left: 0, right: 1003 },
      { table: 'public.more', right: 0 },
    ])
  })

  await t.test('a branch keeps its port over stop, start and another name, and short ids do', async s => {
    const { id, port } = (await person.pgd('branch', 'get', 'shop/past')).json.branch
    s.match((await person.pgd('branch', 'stop', id.slice(0, 6))).json.branch, { state: 'stopped', port })
    s.match(await person.pgd('diff', 'shop/main', 'shop/past'), { exit: 78 })
    s.match((await person.pgd('branch', 'start', 'shop/past')).json.branch, { state: 'running', port })
    s.match((await person.pgd('branch', 'rename', 'shop/past', 'old')).json.branch, { name: 'shop/old', id, port })
    s.equal(await person.sql('shop/old', 'SELECT count(*) FROM item'), '1003')
  })

  await t.test('a new password replaces the old one', async s => {
    const { url } = (await person.pgd('url', 'shop/old')).json
    s.equal((await person.pgd('password', 'shop/old', '--rotate')).exit, 0)
    s.not((await ended(person.start(['psql', url, '-c', 'SELECT 1']))).exit, 0)
    s.equal(await person.sql('shop/old', 'SELECT 1'), '1')
  })

  await t.test('what others were made from is not deleted, and the first branch only with its project', async s => {
    s.equal((await person.pgd('branch', 'create', 'shop/child', '--parent', 'shop/old')).exit, 0)
    s.match(await person.pgd('branch', 'delete', 'shop/old'), {
      exit: 78,
      json: { error: { code: 'PGD_HAS_DEPENDENTS' } },
    })
    s.match(await person.pgd('branch', 'delete', 'shop/main'), { exit: 78 })
    s.equal((await person.pgd('branch', 'promote', 'shop/child')).exit, 0)
    s.equal((await person.pgd('branch', 'delete', 'shop/old')).exit, 0)
    s.equal(await person.sql('shop/child', 'SELECT count(*) FROM item'), '1003')
  })

  await t.test('a branch for one program is gone afterwards, and the exit status is that of the program', async s => {
    const script = 'psql "$DATABASE_URL" -Atc "SELECT count(*) FROM item"; exit 9'
    const { exit, stdout } = await person.pgd(
      'run',
      'shop/test',
      '--ephemeral',
      '--parent',
      'shop/child',
      '--',
      'sh',
      '-c',
      script,
    )
    s.equal(exit, 9)
    s.equal(stdout.trim(), '1003')
    s.match(await person.pgd('branch', 'get', 'shop/test'), { exit: 66 })
  })

  await t.test('many branches at once all connect, and of one name twice exactly one wins', async s => {
    const names = ['a', 'b', 'c', 'd', 'same', 'same'].map(name => `shop/${name}`)
    const ends = await Promise.all(names.map(name => person.pgd('branch', 'create', name, '--parent', 'shop/child')))
    s.strictSame(
      ends.slice(0, 4).map(({ exit }) => exit),
      [0, 0, 0, 0],
    )
    s.strictSame(
      ends
        .slice(4)
        .map(({ exit }) => exit)
        .sort(),
      [0, 73],
    )
    const { branches } = (await person.pgd('branch', 'list', 'shop')).json
    const ports = branches.map(({ port }: { port: number }) => port)
    s.equal(new Set(ports).size, ports.length)
    for (const name of new Set(names)) s.equal(await person.sql(name, 'SELECT count(*) FROM item'), '1003')
  })

  await t.test('what has had its time is collected, but for what is protected', async s => {
    for (const name of ['a', 'b']) {
      s.equal((await person.pgd('branch', 'create', `shop/${name}-ttl`, '--ttl', '1s', '--parent', 'shop/a')).exit, 0)
    }
    await person.pgd('branch', 'protect', 'shop/a-ttl')
    await delay(1100)
    s.match((await person.pgd('gc', '--dry-run')).json.done, [{ subject: 'shop/b-ttl', done: false }])
    s.match((await person.pgd('gc')).json.done, [{ subject: 'shop/b-ttl', done: true }])
    s.match(await person.pgd('branch', 'get', 'shop/a-ttl'), { exit: 0 })
    s.match(await person.pgd('branch', 'get', 'shop/b-ttl'), { exit: 66 })
    await person.pgd('branch', 'protect', 'shop/a-ttl', '--off')
  })

  await t.test('bad names, times, sizes and options are refused, and nothing is made', async s => {
    const before = (await person.pgd('branch', 'list')).json.branches.length
    const bad = [
      ['branch', 'create', 'shop'],
      ['branch', 'create', 'shop/'],
      ['branch', 'create', 'shop/a b'],
      ['branch', 'create', 'shop/../x'],
      ['branch', 'create', 'shop/a__b'],
      ['branch', 'create', `shop/${'x'.repeat(51)}`],
      ['branch', 'create', 'shop/new', '--ttl', 'soon'],
      ['branch', 'create', 'shop/new', '--label', 'a b'],
      ['branch', 'create', 'shop/new', '--port', '80'],
      ['branch', 'create', 'shop/new', '--memory', '-1'],
      ['branch', 'create', 'shop/new', '--parent', 'other/main'],
      ['branch', 'create', 'shop/new', '--colour', 'red'],
      ['project', 'create', '-x'],
      ['project', 'create', 'new', '--pg-version', 'new'],
    ]
    for (const words of bad) {
      const { exit, json } = await person.pgd(...words)
      s.ok(exit === 64 || exit === 65, words.join(' '))
      s.match(json, { schema: 'pgd/1', error: { code: /^PGD_/, message: String } })
    }
    s.equal((await person.pgd('branch', 'list')).json.branches.length, before)
  })

  await t.test('nothing but password, url, connect and run tells a secret', async s => {
    const { password } = (await person.pgd('password', 'shop/dev')).json
    for (const words of [
      ['status'],
      ['branch', 'get', 'shop/dev'],
      ['branch', 'list'],
      ['branch', 'restart', 'shop/dev'],
    ]) {
      s.notMatch((await person.pgd(...words)).stdout, password)
    }
    const { stdout } = await ended(
      person.start(['sh', '-c', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"']),
    )
    s.notOk(stdout.includes(password))
  })

  await t.test('a project goes with all of its branches, and nothing is left', async s => {
    s.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
    s.match((await person.pgd('status')).json.status, { projects: 0, branches: 0, foreign: [] })
    const { stdout } = await ended(
      person.start(['sh', '-c', `ls -A ${person.home}/store; pgrep -u "$(id -u)" -f ${person.home} || :`]),
    )
    s.notMatch(stdout, /shop/)
  })
}
