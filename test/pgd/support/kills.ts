import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { ended, type Person } from './cli.ts'
import { Draw } from './draw.ts'
import { killVerbs, must, type Verb } from './kill-verbs.ts'
import { makeSources } from './sources.ts'

/** Where `pgd` is killed. */
export interface Place {
  readonly person: Person
  /** Words for the version of PostgreSQL, where it must be said. */
  readonly version?: readonly string[]
  /** All that there is of this person outside of pgd, in words that are the same for the same state. */
  readonly traces: () => readonly string[]
}

/** Longest time until a kill, in milliseconds, until a verb has shown how long it takes. */
const usual = 2000

/**
 * Kills `pgd` at random moments of all verbs, one after the other. After each kill `pgd repair` is run once; then every row
 * that was committed is there, a second repair has nothing to do, and when what the verb may have made is deleted,
 * everything is as before.
 */
export async function testKills(t: Test, { person, version = [], traces }: Place, kills: number): Promise<void> {
  const seed = Number(process.env.PGD_SEED ?? Date.now() % 1_000_000)
  t.comment(`PGD_SEED=${seed} PGD_KILLS=${kills}`)
  const draw = new Draw(seed)
  const sources = await makeSources(person)
  t.teardown(() => sources.close())
  const rows = await makeShop(person, version)
  await rows.verify(t)
  await must(person, 'repair')
  const before = traces()
  const verbs = killVerbs(sources, version)
  const lasts = new Map<Verb, number>()
  let order: Verb[] = []
  let hits = 0
  for (let kill = 0; kill < kills; kill += 1) {
    if (order.length === 0) order = draw.shuffled(verbs)
    const verb = order.pop() as Verb
    const isWhole = draw.next() < 0.5
    const moment = Math.round(draw.next() * (lasts.get(verb) ?? usual))
    const how = isWhole ? 'with the programs that it runs' : 'alone'
    await t.test(`${verb.title}, killed ${how} after ${moment} ms`, async s => {
      const words = await verb.ready(person)
      await rows.add()
      const began = performance.now()
      const child = person.startPgd([...words, '--yes'])
      const end = ended(child)
      const isOver = await Promise.race([end.then(() => true), delay(moment, false)])
      if (!isOver && child.pid !== undefined) {
        hits += 1
        process.kill(isWhole ? -child.pid : child.pid, 'SIGKILL')
      } else lasts.set(verb, performance.now() - began)
      await end
      const repair = await person.pgd('repair')
      s.equal(repair.exit, 0, repair.stdout + repair.stderr)
      await rows.verify(s)
      s.strictSame((await must(person, 'repair')).done, [], 'a second repair has nothing to do')
      await clear(person, verb)
      s.strictSame(traces(), before, 'nothing is left')
    })
  }
  t.equal((await person.pgd('project', 'delete', 'shop')).exit, 0)
  t.comment(`${hits} of ${kills} calls were killed, the others had ended before`)
}

/** A project with the branches main, dev and other, and rows of which the number is known. */
async function makeShop(person: Person, version: readonly string[]) {
  await must(person, 'project', 'create', 'shop', ...version)
  const main = await must(person, 'url', 'shop/main')
  const query = async (url: string, ...statements: readonly string[]): Promise<string> => {
    const words = statements.flatMap(statement => ['-c', statement])
    const { exit, stdout, stderr } = await ended(
      person.start(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', ...words, url]),
    )
    return exit === 0 ? stdout.trim() : `failed: ${stderr.trim()}`
  }
  await query(main.url, 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
  for (const branch of ['dev', 'other']) await must(person, 'branch', 'create', `shop/${branch}`)
  // From now on a reset changes numbers only: one generation is the branch, one is kept for an undo.
  for (const _ of [1, 2]) await must(person, 'branch', 'reset', 'shop/dev')
  await must(person, 'snapshot', 'create', 'shop/main')
  const urls = [main.url, (await must(person, 'url', 'shop/other')).url]
  let expected = 1000
  const count = 'SELECT count(*) FROM item'
  return {
    /** Commits one more row to two branches. */
    add: async () => {
      expected += 1
      for (const url of urls) await query(url, `INSERT INTO item VALUES (${expected})`)
    },
    /** Whether all branches answer, and have their rows; those of dev are of its own time. */
    verify: async (t: Test) => {
      for (const url of urls) t.equal(await query(url, count), String(expected), new URL(url).port)
      const { url } = await must(person, 'url', 'shop/dev')
      const seen = Number(await query(url, count))
      t.ok(seen >= 1000 && seen <= expected, `dev has ${seen} rows`)
      const { branches } = await must(person, 'branch', 'list')
      for (const { name, state } of branches) {
        t.equal(state, 'running', name)
        // What a killed call had declared ready lets in whoever has its URL.
        const { url } = await must(person, 'url', name)
        t.match(await query(url, 'SELECT 1'), /^1$/, `${name} takes its password`)
      }
    },
  }
}

/** Deletes what a verb may have made; branches in whichever order they can be. */
async function clear(person: Person, { branches = [], projects = [], label }: Verb): Promise<void> {
  let going = branches
  while (going.length > 0) {
    const left: string[] = []
    let words = ''
    for (const name of going) {
      const { exit, stderr } = await person.pgd('branch', 'delete', name)
      if (exit !== 0 && exit !== notFound) left.push(name)
      words += stderr
    }
    if (left.length === going.length) throw new Error(`cannot be deleted: ${left}\n${words}`)
    going = left
  }
  for (const name of projects) {
    const { exit, stderr } = await person.pgd('project', 'delete', name)
    if (exit !== 0 && exit !== notFound) throw new Error(`cannot be deleted: ${name}\n${stderr}`)
  }
  if (label === undefined) return
  const { snapshots } = (await must(person, 'snapshot', 'list')) as { snapshots: { id: string; label?: string }[] }
  for (const one of snapshots) if (one.label === label) await must(person, 'snapshot', 'delete', one.id)
}

/** Exit status of what is not there. */
const notFound = 66

/** Number of kills by the environment. */
export const killsWanted = (usual: number): number => Number(process.env.PGD_KILLS ?? usual)
