import { createRequire } from 'node:module'
import { connect } from '../../../apps/pgd/src/postgres/connect.ts'
import { layoutBelow } from '../../../apps/pgd/src/serve/layout.ts'
import type { Figure } from '../figure.ts'
import { median, spread, timed } from '../statistics.ts'
import type { OpenPlace } from './place.ts'

/** Port of the bare server, of which nobody else makes use. */
const barePort = 7999

interface Client {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<void>
}
const { Client }: { readonly Client: new (config: object) => Client } = createRequire(
  new URL('../../../apps/pgd/package.json', import.meta.url),
)('pg')

/** What the ways of a place took, by their names, in milliseconds; one sample of each for each round. */
type Samples = Record<string, number[]>

/** Makes, resets and deletes a branch by command and library, and does the same steps bare, all in turns. */
export async function branchFigures(place: OpenPlace, rounds: number, size: string): Promise<Figure[]> {
  const samples: Samples = {}
  const note = (name: string, time: number): void => {
    samples[name] = [...(samples[name] ?? []), time]
  }
  const branch = `${place.project}/bench`
  for (let round = -1; round < rounds; round++) {
    const take = round < 0 ? (): void => {} : note
    await bareRound(place, take)
    take('create, command', await timed(() => place.cli('branch', 'create', branch)))
    take('first query over TLS', await firstQuery(place, branch))
    take('reset, command', await timed(() => place.cli('branch', 'reset', branch)))
    take('delete, command', await timed(() => place.cli('branch', 'delete', branch)))
    take('create, library', await timed(() => place.pgd.branches.create(branch)))
    take('reset, library', await timed(() => place.pgd.branches.reset(branch)))
    take('delete, library', await timed(() => place.pgd.branches.delete(branch)))
  }
  return figuresOf(place, samples, size)
}

/** CHECKPOINT, copy and start; then the stop that a reset has to wait for. */
async function bareRound(place: OpenPlace, take: (name: string, time: number) => void): Promise<void> {
  const session = await connect({ run: layoutBelow(place.volume).run })
  const checkpoint = await timed(() => session.query('CHECKPOINT'))
  await session.end()
  const { volume, steps } = await place.bare.copy(place.volume)
  const { start, stop } = await place.startBare(volume, place.version, barePort)
  for (const [name, time] of Object.entries({ checkpoint, ...steps, start })) take(`bare ${name}`, time)
  take(
    'bare, together',
    [checkpoint, start, ...Object.values(steps)].reduce((sum, time) => sum + time, 0),
  )
  take('bare stop', await stop())
  await place.bare.remove()
}

/** A login as everybody does it, and `SELECT 1`. */
async function firstQuery({ pgd }: OpenPlace, branch: string): Promise<number> {
  const { host, port, user, password, database } = await pgd.branches.connection(branch)
  return timed(async () => {
    const ssl = { rejectUnauthorized: false }
    const client = new Client({ host, port, user, password, database, ssl })
    await client.connect()
    await client.query('SELECT 1')
    await client.end()
  })
}

function figuresOf({ title, atMost }: OpenPlace, samples: Samples, size: string): Figure[] {
  const middle = (name: string): number => median(samples[name] ?? [])
  const floor = middle('bare, together')
  const named = (prefix: string) =>
    Object.fromEntries(
      Object.entries(samples).flatMap(([name, times]) => (name.startsWith(prefix) ? [[name, spread(times)]] : [])),
    )
  const query = middle('first query over TLS')
  const ratio = (name: string, value: number, target = true): Figure => ({
    name: `${title}${size}: ${name}`,
    value,
    unit: 'times',
    ...(target ? { target: { atMost: 1.3 } } : {}),
  })
  const time = (name: string, value: number, target?: number): Figure => ({
    name: `${title}${size}: ${name}`,
    value,
    unit: 'ms',
    ...(target === undefined ? {} : { target: { atMost: target } }),
  })
  const create = middle('create, command') + query
  return [
    { ...time('the steps of a branch, bare', floor), cases: named('bare') },
    { ...time('branch create to first query, command', create, atMost), cases: named('create') },
    { ...time('first query over TLS, within it', query), cases: named('first') },
    ratio('branch create to first query over bare, command', create / floor),
    ratio('branch create to first query over bare, library', (middle('create, library') + query) / floor),
    { ...time('branch reset, command', middle('reset, command')), cases: named('reset') },
    ratio('branch reset over bare with the stop, command', middle('reset, command') / (floor + middle('bare stop'))),
    ratio('branch reset over bare with the stop, library', middle('reset, library') / (floor + middle('bare stop'))),
    { ...time('branch delete, command', middle('delete, command'), 500), cases: named('delete') },
  ]
}
