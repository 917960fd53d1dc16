import { existsSync } from 'node:fs'
import t from 'tap'
import { Person } from './support/cli.ts'
import { killsWanted, testKills } from './support/kills.ts'
import { files, processes } from './support/traces.ts'

// `pgd` is killed at random moments over plain directories; PGD_KILLS says how often (8 by default), PGD_SEED when.
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
const kills = killsWanted(8)
t.setTimeout(120_000 + kills * 30_000)

t.test('what a kill interrupted is repaired by one command', { skip: there !== true && there }, async main => {
  const person = new Person()
  main.teardown(() => person.leave())
  await testKills(main, { person, traces: () => [...files(person), ...processes(person)] }, kills)
})
