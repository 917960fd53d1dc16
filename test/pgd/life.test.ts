import { existsSync } from 'node:fs'
import t from 'tap'
import { Person } from './support/cli.ts'
import { chapters } from './support/life/life.ts'
import { Life } from './support/life/world.ts'
import { files, processes } from './support/traces.ts'

// The command as people use it, as an account without rights: plain directories, and PostgreSQL of this machine.
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
t.setTimeout(600_000)

if (there !== true) t.pass('nothing to do', { skip: there })
else {
  const person = new Person()
  t.teardown(() => person.leave())
  const traces = (): string[] => [...files(person), ...processes(person)].filter(trace => /shop/.test(trace))
  const life = new Life({ account: person, runtime: 'process', hasClones: false, crowd: 4, traces })
  for (const { title, live } of chapters) await t.test(title, { bail: true }, () => live(life))

  await t.test('bad names, times, sizes and options are refused, and nothing is made', async s => {
    await person.pgd('project', 'create', 'shop')
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
      ['branch', 'create', 'shop/new', '--at', '2026-01-01 10:00'],
      ['branch', 'create', 'shop/new', '--at', 'yesterday'],
      ['project', 'create', '-x'],
      ['project', 'create', 'new', '--pg-version', 'new'],
    ]
    for (const words of bad) {
      const { exit, json } = await person.pgd(...words)
      s.ok(exit === 64 || exit === 65, words.join(' '))
      s.match(json, { schema: 'pgd/1', error: { code: /^PGD_/, message: String } })
    }
    s.equal((await person.pgd('branch', 'list')).json.branches.length, before)
    await person.pgd('project', 'delete', 'shop')
  })
}
