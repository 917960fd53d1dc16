import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { ended, Person } from './support/cli.ts'

// `pgd` is killed at random moments; PGD_KILLS says how often (8 by default).
const there = existsSync('/usr/lib/postgresql') || 'there is no PostgreSQL of Debian here'
const kills = Number(process.env.PGD_KILLS ?? 8)
t.setTimeout(60_000 + kills * 30_000)

const verbs = [
  ['branch', 'create', 'shop/new'],
  ['branch', 'reset', 'shop/dev'],
  ['branch', 'delete', 'shop/gone'],
  ['branch', 'create', 'shop/past', '--at', '1s ago'],
]

t.test('what a kill interrupted is repaired by one command', { skip: there !== true && there }, async main => {
  const person = new Person()
  main.teardown(() => person.leave())
  await person.pgd('project', 'create', 'shop')
  await person.sql('shop/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  await person.pgd('branch', 'create', 'shop/dev')
  await person.pgd('branch', 'create', 'shop/other')
  await person.sql('shop/other', 'INSERT INTO item VALUES (0)')
  await person.pgd('snapshot', 'create', 'shop/main')

  for (let kill = 0; kill < kills; kill += 1) {
    const verb = verbs[kill % verbs.length] ?? []
    if (verb.includes('shop/gone')) await person.pgd('branch', 'create', 'shop/gone')
    const moment = Math.round(Math.random() * 1500)
    await main.test(`${verb.join(' ')}, killed after ${moment} ms`, async s => {
      const child = person.startPgd([...verb, '--yes'])
      const end = ended(child)
      await delay(moment)
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await end
      const repair = await person.pgd('repair')
      s.equal(repair.exit, 0, repair.stdout + repair.stderr)
      s.equal(await person.sql('shop/main', 'SELECT count(*) FROM item'), '1000')
      s.equal(await person.sql('shop/other', 'SELECT count(*) FROM item'), '1001')
      s.equal(await person.sql('shop/dev', 'SELECT count(*) FROM item'), '1000')
      const { branches } = (await person.pgd('branch', 'list')).json
      for (const { name, state } of branches) s.equal(state, 'running', name)
      for (const name of ['shop/new', 'shop/past', 'shop/gone']) {
        if (branches.some((branch: { name: string }) => branch.name === name)) {
          s.equal((await person.pgd('branch', 'delete', name)).exit, 0)
        }
      }
      s.strictSame((await person.pgd('repair')).json.done, [])
      const files = readdirSync(join(person.home, 'store/shop')).filter(
        name => !/^(?:main|dev|other|dev__\d+)$/.test(name),
      )
      s.strictSame(
        files.filter(name => !name.startsWith('.')),
        [],
      )
      const words = ['sh', '-c', `pgrep -u "$(id -u)" -af "[p]ostgres -D ${person.home}" | wc -l`]
      s.equal((await ended(person.start(words))).stdout.trim(), '3')
    })
  }
  await person.pgd('project', 'delete', 'shop')
})
