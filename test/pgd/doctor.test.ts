import { existsSync, globSync, readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Finding } from '../../apps/pgd/src/doctor/finding.ts'
import { Person } from './support/cli.ts'

// The doctor as an account without rights: plain directories, and PostgreSQL of this machine.
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
t.setTimeout(300_000)

if (there !== true) t.pass('nothing to do', { skip: there })
else {
  const person = new Person()
  t.teardown(() => person.leave())
  const doctor = async (...args: string[]) => {
    const { exit, json } = await person.pgd('doctor', ...args)
    const { ok, findings } = json as { ok: boolean; findings: Finding[] }
    return { exit, ok, findings, of: (check: string) => findings.filter(one => one.check === check) }
  }

  await t.test('where all is well it finds no problem, and leaves nothing', async s => {
    s.equal((await person.pgd('project', 'create', 'shop')).exit, 0)
    const { exit, ok, findings, of } = await doctor()
    s.strictSame({ exit, ok }, { exit: 0, ok: true })
    for (const check of ['probe', 'branches', 'clock', 'ports', 'authority']) {
      s.match(of(check), [{ level: 'ok' }], check)
    }
    s.ok(findings.every(({ level }) => level !== 'problem'))
    s.match((await person.pgd('status')).json.status, { projects: 1, branches: 1, foreign: [] })
  })

  await t.test('a server that should run is named, and started by --fix', async s => {
    const [file = ''] = globSync(join(person.home, 'store/**/data/postmaster.pid'))
    process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGQUIT')
    for (let tries = 0; existsSync(file) && tries < 200; tries += 1) await delay(50)
    s.match((await doctor()).of('branches'), [{ level: 'warning', message: /shop\/main: start the server/ }])
    s.match((await doctor('--fix')).of('branches'), [{ level: 'ok' }])
    s.equal(await person.sql('shop/main', 'SELECT 1'), '1')
  })

  await t.test('a key that others may read is a problem, and the exit status says so', async s => {
    const key = join(person.home, '.local/share/pgd/authority/ca.key')
    await chmod(key, 0o644)
    const { exit, ok, of } = await doctor()
    s.strictSame({ exit, ok }, { exit: 78, ok: false })
    s.match(of('authority'), [{ level: 'problem', message: /open to others/ }])
    await chmod(key, 0o600)
    s.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
  })
}
