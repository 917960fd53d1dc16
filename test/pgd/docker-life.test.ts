import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { docker, imageVersion } from '../host/docker.ts'
import { insideHost, prepareHost } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'

const skip = insideHost()
  ? false
  : 'runs in a throwaway host: node test/host/run.ts -- tap test/pgd/docker-life.test.ts'
if (skip === false) prepareHost({ docker: true })
t.setTimeout(240_000)
const main = join(import.meta.dirname, '../../apps/pgd/src/cli/main.ts')
const env = { PGD_STORE: 'directory:/home/alice/databases', PGD_RUNTIME: 'docker', PATH: process.env.PATH ?? '' }

/** Runs the command as alice, a normal user in the group docker; gives its stdout. */
async function pgd(...args: readonly string[]): Promise<string> {
  const argv = [process.execPath, '--conditions=@broker/source', main, ...args]
  const done = await runAs('alice', argv, { readOnly: false, env, timeout: 60_000 })
  if (done.exitCode !== 0) throw new Error(`pgd ${args.join(' ')}: ${done.signal ?? done.exitCode}\n${done.stderr}`)
  return done.stdout.trim()
}

/** A statement over TCP and TLS, by psql. */
const sql = (branch: string, text: string): Promise<string> =>
  pgd('connect', branch, '--', '--no-psqlrc', '-At', '-v', 'ON_ERROR_STOP=1', '-c', text)

t.test('a project in containers is branched, taken back in time, reset, restarted and deleted', { skip }, async s => {
  await pgd('project', 'create', 'shop', '--pg-version', String(imageVersion()))
  s.equal(await sql('shop/main', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), 't')
  await sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')

  await pgd('branch', 'create', 'shop/dev')
  await sql('shop/dev', 'DELETE FROM item WHERE id > 10')
  s.equal(await sql('shop/dev', 'SELECT count(*) FROM item'), '10')
  s.equal(await sql('shop/main', 'SELECT count(*) FROM item'), '1000', 'the parent does not see it')

  await pgd('snapshot', 'create', 'shop/main')
  await sql('shop/main', 'INSERT INTO item SELECT generate_series(1001, 1010)')
  await delay(50)
  const instant = new Date().toISOString()
  await delay(50)
  await sql('shop/main', 'TRUNCATE item')
  await pgd('branch', 'create', 'shop/past', '--at', instant)
  s.equal(await sql('shop/past', 'SELECT count(*) FROM item'), '1010', 'as it was between two commits')

  const address = await pgd('url', 'shop/dev')
  await pgd('branch', 'reset', 'shop/dev', '--yes')
  s.equal(await sql('shop/dev', 'SELECT count(*) FROM item'), '0')
  await pgd('branch', 'restart', 'shop/dev')
  s.equal(await pgd('url', 'shop/dev'), address, 'it is reached as before')

  await pgd('branch', 'stop', 'shop/dev')
  await pgd('branch', 'start', 'shop/dev')
  s.equal(await sql('shop/dev', 'SELECT count(*) FROM item'), '0')
  const names = docker('ps', '--format', '{{.Names}}').split('\n').sort()
  s.match(names.join(' '), /^pgd\.shop\.dev\.\w{10}\.2 pgd\.shop\.main\.\w{10}\.1 pgd\.shop\.past\.\w{10}\.1$/)
  const [inspected] = JSON.parse(docker('inspect', names[0] ?? ''))
  const { password } = new URL(address)
  s.ok(password.length >= 20)
  s.notMatch(JSON.stringify(inspected), password, 'no password is where an engine shows it')

  for (const branch of ['dev', 'past']) await pgd('branch', 'delete', `shop/${branch}`, '--yes')
  s.match(docker('ps', '--all', '--format', '{{.Names}}'), /^pgd\.shop\.main\.\w{10}\.1$/)
  await pgd('project', 'delete', 'shop', '--yes')
  s.equal(docker('ps', '--all', '--quiet'), '', 'no container is left')
  s.equal(docker('volume', 'ls', '--quiet'), '', 'nor an anonymous volume of the image')
})
