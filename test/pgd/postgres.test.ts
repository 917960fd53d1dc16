import { chmodSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { type RunResult, runAs, runScriptAs } from '../host/service.ts'
import type { Scenarios } from './support/postgres-scenarios.ts'

t.setTimeout(200_000)
const skip = insideHost() ? false : 'needs the throwaway host: node test/host/run.ts -- tap test/pgd/postgres.test.ts'
if (skip === false) prepareHost()
const script = join(import.meta.dirname, 'support/postgres-scenarios.ts')

type Seen<Name extends keyof Scenarios> = Awaited<ReturnType<Scenarios[Name]>>

/** What alice sees in a scenario, each in a process of its own; her servers stay. */
async function alice<Name extends keyof Scenarios>(name: Name, ...args: string[]): Promise<Seen<Name>> {
  const done = await runScriptAs('alice', script, [name, ...args], { readOnly: false, timeout: 120_000 })
  if (done.exitCode !== 0) throw new Error(`${name}: ${done.signal ?? done.exitCode}\n${done.stderr}`)
  return JSON.parse(done.stdout) as Seen<Name>
}

/** psql of an account, with nothing of its own configuration. */
const psql = (user: string, connection: string, more: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
  runAs(user, ['psql', '-X', '-w', '-A', '-t', '-c', 'SELECT current_user', connection], {
    readOnly: false,
    timeout: 30_000,
    env: { PATH: '/usr/bin:/bin', ...more },
  })

if (skip !== false) t.test('PostgreSQL itself', { skip }, async () => {})
else {
  const branch = await alice('make', 'dev', '6510')
  t.teardown(() => alice('stop', 'dev'))
  const { url, run, log } = branch
  const { password, searchParams } = new URL(url)
  const root = searchParams.get('sslrootcert') ?? ''
  const by = (options: string): string => `host=localhost port=6510 user=postgres dbname=postgres ${options}`

  t.test('the URL lets its owner in, by TLS and with the server verified', async s => {
    s.match(branch.login, /^TLSv1\.[23]$/, 'the library')
    s.match(await psql('alice', url), { exitCode: 0, stdout: 'postgres\n' }, 'psql')
    s.match(await psql('alice', url.replace('localhost', '127.0.0.1')), { exitCode: 0 }, 'by its address')
    const others = by(`sslmode=verify-full sslrootcert=${'/etc/ssl/certs/ca-certificates.crt'} password=${password}`)
    s.match(
      await psql('alice', others),
      { exitCode: 2, stderr: /certificate verify failed/ },
      'by this authority alone',
    )
  })

  t.test('nobody comes in without the password, without TLS, or for replication', async s => {
    const verified = `sslmode=verify-full sslrootcert=${root}`
    s.match(await psql('alice', by(`${verified} password=wrong`)), {
      exitCode: 2,
      stderr: /password authentication failed/,
    })
    s.match(await psql('alice', by(verified)), { exitCode: 2, stderr: /no password supplied/ })
    s.match(await psql('alice', by(`sslmode=disable password=${password}`)), {
      exitCode: 2,
      stderr: /no pg_hba\.conf entry .* no encryption/,
    })
    s.match(await psql('alice', by(`${verified} password=${password} replication=true`)), {
      exitCode: 2,
      stderr: /no pg_hba\.conf entry for replication/,
    })
  })

  t.test('passwords of all kinds of printable characters are let in by their verifiers', async s => {
    const text = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map(code => String.fromCharCode(code)),
      minLength: 1,
    })
    const passwords = [...fc.sample(text, 12), `' OR '1'='1`, 'a\\b"c%d', password]
    const outcomes = await alice('passwords', 'dev', url, ...passwords)
    s.strictSame(
      passwords.filter((_, index) => !outcomes[index]?.startsWith('TLS')),
      [],
    )
    const written = readFileSync(log, 'utf8')
    s.match(written, 'statement: CREATE TABLE', 'the log has statements')
    s.notMatch(written, /SCRAM-SHA-256\$/, 'and of no password')
  })

  t.test('the socket is for its owner, and only as postgres', async s => {
    const socket = `host=${run} port=6510 user=postgres dbname=postgres`
    s.match(await psql('alice', socket), { exitCode: 0, stdout: 'postgres\n' })
    s.match(await psql('alice', socket.replace('user=postgres', 'user=alice')), { exitCode: 2, stderr: /Peer auth/ })
    s.match(await psql('mallory', socket), { exitCode: 2, stderr: /Permission denied/ }, 'others do not reach it')
    const open = [join(run, '.s.PGSQL.6510'), run, dirname(run), dirname(dirname(run))]
    for (const place of open) chmodSync(place, 0o777)
    s.match(await psql('mallory', socket), { exitCode: 2, stderr: /Peer authentication failed/ }, 'nor are let in')
    for (const place of open) chmodSync(place, 0o700)
    s.match(await psql('mallory', by(`sslmode=require password=${password}x`)), {
      exitCode: 2,
      stderr: /password auth/,
    })
  })

  t.test('a connection that was begun early is used where it is the right one and still answers', async s => {
    s.same(await alice('early', 'dev'), { isUsed: true, isReplaced: true, isFound: true })
  })

  t.test('a copy that was made in backup mode has all that was committed until its end', async s => {
    const { rows, found, data } = await alice('backup', 'dev', 'copy')
    s.equal(found, rows)
    s.equal(rows, 1001)
    s.ok(data.includes('backup_label.old'), 'it recovered by its label')
  })

  t.test('recovery ends at its instant, on a timeline of its own, and leaves the archive alone', async s => {
    s.match(await alice('recover', 'dev', 'past'), {
      found: ['before'],
      timelines: [1, 2],
      isArchived: true,
      isLeftAlone: true,
      hasStartedAgain: true,
    })
  })

  t.test('recovery to an instant that nothing was committed after is refused by the server, who says so', async s => {
    s.match(await alice('late', 'dev', 'late'), {
      code: 'PGD_SERVER_FAILED',
      message: /recovery ended before configured recovery target was reached/,
    })
  })

  t.test('an archive never loses a file to another one, and who waits for it is told', async s => {
    const { failure, kept } = await alice('blocked', 'dev')
    s.match(failure, { code: 'PGD_SERVER_FAILED', message: /cannot archive [0-9A-F]{24}$/ })
    s.equal(kept, 'not of this server')
  })

  t.test('who waits for a server that was killed is told that it ended', async s => {
    const { failure, hasEndedEarly } = await alice('killed', 'copy')
    s.match(failure, { code: 'PGD_SERVER_FAILED', message: /^the server ended: / })
    s.ok(hasEndedEarly)
  })
}
