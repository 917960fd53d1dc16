import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ended, Person } from './support/cli.ts'

// The example of docs/how-to/test-runner.md, as an account without rights runs it.
const skip = existsSync('/usr/lib/postgresql') ? false : 'there is no PostgreSQL of Debian here'
const folder = join(import.meta.dirname, '../../apps/pgd/examples/test-runner')
const [prepare, ...tests] = ['prepare.ts', 'transfer.test.ts', 'close-account.test.ts'].map(file => join(folder, file))
t.setTimeout(240_000)

t.test('each worker of a test runner has a branch of its own, which is gone afterwards', { skip }, async s => {
  const person = new Person()
  s.teardown(() => person.leave())
  const node = (...words: readonly (string | undefined)[]) =>
    ended(person.start([process.execPath, ...words.filter(word => word !== undefined)]))
  for (const round of ['first', 'second']) {
    s.match(await node(prepare), { exit: 0, stderr: '' }, `${round} preparation`)
    const { exit, stdout } = await node('--test', '--test-reporter=tap', ...tests)
    s.equal(exit, 0, stdout)
    s.match(stdout, /^# pass 4$/m)
  }
  const { branches } = (await person.pgd('branch', 'list')).json
  s.match(branches, [{ name: 'tests/main', state: 'running' }])
  s.equal(branches.length, 1)
  s.equal(await person.sql('tests/main', 'SELECT sum(cents) FROM account'), '1000', 'no test wrote into the parent')
})
