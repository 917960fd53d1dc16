import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { killAt, type Measured, type Point } from './kills/case.ts'
import { type Base, type Subject, subjects } from './kills/jobs.ts'
import { Pool } from './kills/store-process.ts'
import { makeBase } from './kills/world.ts'

/** `all` kills at every point of every job; else a sample of points is taken. */
const isAll = process.env.APPSTORE_KILLS === 'all'
/** Only jobs of these names, with commas between; a sample is of three of them unless said, since each takes a minute. */
const only =
  process.env.APPSTORE_KILLS_OF?.split(',') ?? (isAll ? undefined : ['install', 'uninstall that keeps', 'upgrade'])
/** Jobs whose requests are all hit, and of whose writes one in so many. */
const thorough = ['install', 'uninstall', 'uninstall that keeps', 'upgrade', 'upgrade that is restored']
const oneWriteIn = (name: string): number => (isAll ? 1 : thorough.includes(name) ? 15 : 25)
const atOnce = 2

t.setTimeout(isAll ? 10_800_000 : 600_000)
t.jobs = 1
const root = mkdtempSync('/var/tmp/appstore-kill-')
const pool = new Pool(2, join(root, 'compiled'))
t.teardown(async () => {
  await pool.close()
  rmSync(root, { recursive: true, force: true })
})
const bases = new Map<Base, Promise<string>>()
let cases = 0

function baseOf(base: Base): Promise<string> {
  const directory = join(root, base)
  const made = bases.get(base) ?? makeBase(directory, base, pool).then(() => directory)
  bases.set(base, made)
  return made
}

const run = async (subject: Subject, point?: Point): ReturnType<typeof killAt> =>
  killAt(subject, await baseOf(subject.base), join(root, `case-${cases++}`), pool, point)

/** Points of a job. Those of a sample lie evenly, and not at the same places for all jobs. */
function pointsOf(name: string, { writes, requests, scripts }: Measured): Point[] {
  const points = (at: Point['at'], count: number, step: number): Point[] =>
    Array.from({ length: count }, (_, n) => ({ at, n })).filter(
      ({ n }) => (n + name.length) % step === 0 || (n === 0 && at === 'answer'),
    )
  const step = isAll ? 1 : 4
  return [
    ...points('write', writes.length, oneWriteIn(name)),
    ...points('request', requests.length, step),
    ...points('answer', requests.length, step),
    ...points('script', scripts, step),
  ]
}

for (const subject of subjects.filter(({ name }) => only === undefined || only.includes(name))) {
  t.test(`${subject.name}: killed at any point, it is seen through or taken back`, async t => {
    const { wrong, measured } = await run(subject)
    t.same(wrong, [], 'nobody kills it')
    const points = pointsOf(subject.name, measured)
    let killed = 0
    const work = async (): Promise<void> => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) {
        const words = point.at === 'write' ? measured.writes[point.n] : measured.requests[point.n]
        const result = await run(subject, point).catch((error: Error) => ({ wrong: [error.message], killed: true }))
        if (result.killed) killed += 1
        t.same(result.wrong, [], `killed at ${point.at} ${point.n} (${words ?? ''})`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    t.ok(killed > 0, `${killed} kills`)
  })
}
