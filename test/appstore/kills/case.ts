import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { JobFailure } from '../../../apps/appstore/src/model/job.ts'
import { openStore } from '../../../apps/appstore/src/store/store.ts'
import { type FaultKind, Faults } from '../../../packages/proxmox-lab/src/index.ts'
import { contradictions, fileIn } from './check.ts'
import type { Subject } from './jobs.ts'
import type { Ended } from './protocol.ts'
import { Gone, type Pool } from './store-process.ts'
import { addStranger, everythingOf } from './strangers.ts'
import { closeWorld, openStoreOn, openWorld, precious, submit, type World } from './world.ts'

/** When the process is killed: before its n-th durable write, before or after its n-th request or half of a script's run. */
export type Point =
  | { readonly at: 'write'; readonly n: number }
  | { readonly at: 'request' | 'answer' | 'script'; readonly n: number }

/** What a job does when nobody kills it. */
export interface Measured {
  readonly writes: readonly string[]
  readonly requests: readonly string[]
  readonly scripts: number
}

/** Counts the requests that change something, and calls when the n-th comes. */
class Watch extends Faults {
  readonly seen: string[] = []
  isOn = false
  #n = -1
  #kind: FaultKind = 'hang'
  #hit: (request: string) => void = () => {}

  set(n: number, kind: FaultKind, hit: (request: string) => void): void {
    this.#n = n
    this.#kind = kind
    this.#hit = hit
  }

  override take(method: string, path: string): FaultKind | undefined {
    if (!this.isOn || method === 'GET') return super.take(method, path)
    const n = this.seen.push(`${method} ${path}`) - 1
    if (n !== this.#n) return undefined
    this.#hit(`${method} ${path}`)
    return this.#kind
  }
}

/** Runs a job, kills it at a point, starts another process, and tells what is wrong when that has seen the job through. */
export async function killAt(
  subject: Subject,
  base: string,
  directory: string,
  pool: Pool,
  point?: Point,
): Promise<{ readonly wrong: readonly string[]; readonly measured: Measured; readonly killed: boolean }> {
  const watch = new Watch()
  const world = await openWorld(base, directory, watch)
  const first = pool.take()
  let scripts = 0
  let request = ''
  const die = async (): Promise<void> => {
    // Long enough for the lab to have read the request.
    await wait(15)
    await first.kill()
  }
  const hook = async (): Promise<void> => {
    if (point?.at === 'script' && scripts++ === point.n) await first.kill()
    else if (point?.at !== 'script') scripts++
  }
  if (point?.at === 'request' || point?.at === 'answer') {
    watch.set(point.n, point.at === 'request' ? 'hang' : 'hang-after', hit => {
      request = hit
      void die()
    })
  }
  const { fails } = subject
  let killed = false
  let before = 0
  let second = first
  try {
    let ended: Ended
    try {
      await openStoreOn(world, first, { fails, hook })
      before = (await first.tell<Ended>({ order: 'wait' })).jobs.length
      await first.tell({ order: 'arm', before: point?.at === 'write' ? point.n : 1e9 })
      watch.isOn = true
      await submit(first, subject.door, subject.args)
      ended = await first.tell<Ended>({ order: 'wait' })
    } catch (error) {
      if (!(error instanceof Gone) || point === undefined) throw error
      killed = true
      watch.isOn = false
      if (point.at === 'answer' && /^DELETE .*\/lxc\/\d+$/.test(request)) await takeId(world, request)
      second = pool.take()
      await openStoreOn(world, second, { fails })
      ended = await second.tell<Ended>({ order: 'wait' })
      // Killed before it was written down: then it is sent once more, as whoever sent it would do.
      if (ended.jobs.length === before) {
        await submit(second, subject.door, subject.args)
        ended = await second.tell<Ended>({ order: 'wait' })
      }
    }
    await second.tell({ order: 'close' })
    await second.kill()
    const wrong = judge(subject, world, ended)
    return { wrong, killed, measured: { writes: ended.writes, requests: watch.seen, scripts } }
  } finally {
    await Promise.all([first.kill(), second.kill()])
    await closeWorld(world)
  }
}

/** Somebody else makes a guest under the id that has just become free. */
async function takeId({ lab, labDirectory, strangers }: World, request: string): Promise<void> {
  const vmid = Number(request.split('/').at(-1))
  for (const { upid } of lab.state.tasks) await lab.waitFor(upid)
  if (lab.state.guests[vmid] !== undefined) return
  addStranger(lab, labDirectory, { vmid, hostname: 'box', pool: 'appstore', tags: 'appstore;managed' })
  strangers.set(vmid, everythingOf(lab, labDirectory, vmid))
}

/** What is not as it has to be. */
export function judge({ ends, after }: Pick<Subject, 'ends' | 'after'>, world: World, ended: Ended): string[] {
  const { lab, labDirectory, directory, strangers } = world
  const state = join(directory, 'state')
  const volumesBefore = Object.entries(lab.state.volumes).flatMap(([id, { vmid }]) =>
    strangers.has(vmid ?? 0) ? [id] : [],
  )
  const wrong = contradictions({ lab, labDirectory, state, strangers, volumesBefore })
  const job = ended.jobs[0]
  const failure: JobFailure | undefined = job?.failure
  if (job?.state !== ends) wrong.push(`the job ${job?.state}: ${JSON.stringify(failure)}`)
  if ((failure?.left ?? []).length > 0) wrong.push(`left: ${JSON.stringify(failure?.left)}`)
  const store = openStore(state)
  const [install] = store.installs.list()
  store.close()
  if ((install?.status ?? 'gone') !== after.status) wrong.push(`the install is ${install?.status ?? 'gone'}`)
  const holder = Object.keys(lab.state.guests)
    .map(Number)
    .find(vmid => !strangers.has(vmid))
  if (after.status === 'gone' && holder !== undefined) wrong.push(`guest ${holder} is left`)
  const guest = lab.state.guests[holder ?? 0]
  if (guest === undefined || holder === undefined) return wrong
  if (after.isRunning !== undefined && (guest.pid !== undefined) !== after.isRunning) wrong.push('it runs, or does not')
  if (after.version !== undefined && install?.apps[0]?.version !== after.version)
    wrong.push(`the version is ${install?.apps[0]?.version}`)
  const script = fileIn(lab, holder, '/', 'script')
  const { script: wanted } = after
  const isSaid = wanted instanceof RegExp ? wanted.test(script ?? '') : wanted === script
  if (wanted !== undefined && !isSaid) wrong.push(`the script ran so: ${JSON.stringify(script)}`)
  const kept = fileIn(lab, holder, '/srv/data', 'precious')
  if (install?.volumes.length === 1 && !job?.kind.startsWith('install') && kept !== precious)
    wrong.push(`the file in the volume is ${kept}`)
  for (const [key, pattern] of Object.entries(after.config ?? {}))
    if (!pattern.test(guest.config[key] ?? '')) wrong.push(`${key} is ${guest.config[key]}`)
  return wrong
}
