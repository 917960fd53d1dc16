import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Figure } from '../figure.ts'
import { median, spread } from '../statistics.ts'
import { ask, install } from './api.ts'
import { talker } from './catalog.ts'
import { follow, type Seen } from './follow.ts'
import { load } from './load.ts'
import { firstWord, launch, type Started } from './start.ts'

/** Reads the whole catalog in a new process, some times. */
export async function indexing(program: string, base: string, apps: number, rounds: number): Promise<Figure> {
  const samples: number[] = []
  for (let round = 0; round < rounds; round++) {
    const word = await firstWord<{ milliseconds: number; apps: number }>(
      launch(program, { state: join(base, 'index'), catalog: join(base, 'catalog') }),
    )
    if (word.apps !== apps) throw new Error(`${word.apps} of ${apps} apps were indexed`)
    samples.push(word.milliseconds)
  }
  const cases = { 'a new process': spread(samples) }
  return { name: `index of ${apps} apps`, value: median(samples), unit: 'ms', target: { atMost: 1000 }, cases }
}

/** Lists of apps, over connections that stay. */
export async function listing(store: Started, milliseconds: number): Promise<readonly Figure[]> {
  const wanted = { atLeast: 3000 }
  const rates: Figure[] = []
  for (const [name, query, target] of [
    ['the first 50', '', wanted],
    ['a search', '?text=quiet%20early&limit=20', undefined],
  ] as const) {
    const asked = { ...store, path: `/api/v1/catalog/apps${query}` }
    await load(asked, 16, milliseconds / 4)
    const before = store.processor()
    const value = await load(asked, 16, milliseconds)
    const busy = (store.processor() - before) / milliseconds
    const note = `16 connections; the daemon had ${Math.round(busy * 100)} % of a processor`
    rates.push({ name: `lists of apps, ${name}`, value, unit: '/s', ...(target && { target }), note })
  }
  return rates
}

/** Followers of one job, all of whom must get every event in its order. */
export async function followers(store: Started, count: number, lines: number): Promise<readonly Figure[]> {
  const { port, token } = store
  const job = await install(store, 'talker', talker)
  const began = performance.now()
  const all: { readonly seen: Promise<Seen> }[] = []
  while (all.length < count) {
    const some = Array.from({ length: Math.min(20, count - all.length) }, () => follow(port, token, job))
    all.push(...(await Promise.all(some)))
  }
  const joined = performance.now() - began
  const memory = store.memory()
  store.talk()
  const seen = await Promise.all(all.map(one => one.seen))
  for (const { numbers } of seen) {
    if (numbers.length < lines || numbers.some((number, n) => number !== n + 1)) {
      throw new Error(`a follower got ${numbers.length} events, or not in their order`)
    }
  }
  const delays = seen.flatMap(one => one.delays)
  return [
    { name: `${count} followers have joined`, value: joined, unit: 'ms', note: `daemon at ${Math.round(memory)} MB` },
    {
      name: `${count} followers of one job: until an event arrives`,
      value: median(delays),
      unit: 'ms',
      cases: { 'all of them': spread(delays) },
    },
  ]
}

/** Installs that are asked for together, all of which must succeed. */
export async function installs(store: Started, count: number): Promise<Figure> {
  const began = performance.now()
  const jobs = await Promise.all(Array.from({ length: count }, (_, n) => install(store, `box-${n}`, 'app-3')))
  await Promise.all(jobs.map(job => ended(store, job)))
  return { name: `${count} installs at once`, value: performance.now() - began, unit: 'ms' }
}

async function ended(store: Started, id: string): Promise<void> {
  for (;;) {
    const job = await ask<{ state: string; failure?: { message: string } }>(store, 'GET', `/jobs/${id}`)
    if (job.state === 'succeeded') return
    if (!['queued', 'running'].includes(job.state)) throw new Error(`an install failed: ${job.failure?.message}`)
    await wait(100)
  }
}
