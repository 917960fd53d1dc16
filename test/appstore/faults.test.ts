import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { FaultKind } from '../../packages/proxmox-lab/src/index.ts'
import { type Mishap, mishapIn } from './kills/fault.ts'
import { type Base, type Subject, subjects } from './kills/jobs.ts'
import { Pool, type StoreProcess } from './kills/store-process.ts'
import { makeBase } from './kills/world.ts'

/** `all`: every request of every job goes wrong in every way; else a sample of some jobs. */
const isAll = process.env.APPSTORE_FAULTS === 'all'
/** Only jobs of these names, with commas between; a sample is of two of them unless said, since each takes a minute. */
const only = process.env.APPSTORE_FAULTS_OF?.split(',') ?? (isAll ? undefined : ['start', 'uninstall'])

t.setTimeout(isAll ? 10_800_000 : 600_000)
const root = mkdtempSync('/var/tmp/appstore-faults-')
const pool = new Pool(0, join(root, 'compiled'))
const bases = new Map<Base, Promise<string>>()
let store: StoreProcess | undefined
let cases = 0
t.teardown(async () => {
  await store?.kill()
  await pool.close()
  rmSync(root, { recursive: true, force: true })
})

function baseOf(base: Base): Promise<string> {
  const directory = join(root, base)
  const made = bases.get(base) ?? makeBase(directory, base, pool).then(() => directory)
  bases.set(base, made)
  return made
}

const ofChanges: readonly FaultKind[] = [
  ...([
    'status 401',
    'status 403',
    'status 500',
    'status 595',
    'drop',
    'drop-after',
    'half',
    'hang',
    'hang-after',
  ] as const),
  ...(['task-fail', 'task-fail-after', 'task-warn', 'id-race', 'task-hang', 'task-hang-after'] as const),
]
const ofLooks: readonly FaultKind[] = ['status 401', 'status 403', 'status 500', 'status 595', 'drop', 'half']

const run = async (subject: Subject, mishap?: Mishap): ReturnType<typeof mishapIn> => {
  const base = await baseOf(subject.base)
  store ??= pool.take()
  return mishapIn(subject, base, join(root, `case-${cases++}`), store, mishap)
}

for (const subject of subjects.filter(({ name }) => only === undefined || only.includes(name))) {
  t.test(`${subject.name}: whatever goes wrong in Proxmox, the job says what there is`, async t => {
    const { wrong, changes, looks } = await run(subject)
    t.same(wrong, [], 'nothing goes wrong')
    const of = (requests: readonly string[], kinds: readonly FaultKind[], isLook: boolean): Mishap[] =>
      requests.flatMap((path, n) =>
        kinds.filter(kind => kind !== 'id-race' || /^POST .*\/lxc$/.test(path)).map(kind => ({ n, isLook, kind })),
      )
    const step = (mishaps: Mishap[], one: number): Mishap[] =>
      isAll ? mishaps : mishaps.filter((_, n) => (n + subject.name.length) % one === 0)
    for (const mishap of [...step(of(changes, ofChanges, false), 9), ...step(of(looks, ofLooks, true), 150)]) {
      const result = await run(subject, mishap).catch(async (error: Error) => {
        await store?.kill()
        store = undefined
        return { wrong: [error.message] }
      })
      const request = (mishap.isLook ? looks : changes)[mishap.n]
      t.same(result.wrong, [], `${mishap.kind} at ${mishap.isLook ? 'look' : 'change'} ${mishap.n} (${request})`)
    }
  })
}
