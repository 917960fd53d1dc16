import t from 'tap'
import { findPrograms } from '../../apps/pgd/src/runtime/process/programs.ts'
import { Person } from './support/cli.ts'

const skip = (await findPrograms()).length > 0 ? false : 'needs the programs of PostgreSQL: apt-get install postgresql'
t.setTimeout(240_000)

t.test(
  'a reset whose new server does not start leaves the branch as it was, and its server runs again',
  { skip },
  async s => {
    const person = new Person()
    s.teardown(() => person.leave())
    s.equal((await person.pgd('project', 'create', 'shop')).exit, 0)
    s.equal((await person.pgd('branch', 'create', 'shop/dev')).exit, 0)
    await person.sql('shop/dev', 'CREATE TABLE mine AS SELECT 7 AS value')
    // The parent goes on with it until it is started anew; a copy is.
    await person.sql('shop/main', "ALTER SYSTEM SET shared_preload_libraries = 'nothing_of_that_name'")

    const reset = await person.pgd('branch', 'reset', 'shop/dev')
    s.match(reset, { exit: 70, json: { error: { code: 'PGD_SERVER_FAILED', message: /nothing_of_that_name/ } } })
    const { json } = await person.pgd('branch', 'get', 'shop/dev')
    s.match(json, { branch: { state: 'running', generation: 1 } })
    s.equal(await person.sql('shop/dev', 'SELECT value FROM mine'), '7')
    await person.sql('shop/main', 'ALTER SYSTEM RESET shared_preload_libraries')
    s.equal((await person.pgd('branch', 'reset', 'shop/dev')).exit, 0)
    s.equal(await person.sql('shop/dev', "SELECT count(*) FROM pg_class WHERE relname = 'mine'"), '0')
  },
)
