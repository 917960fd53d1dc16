import { type FaultKind, Faults } from '../../../packages/proxmox-lab/src/index.ts'
import { judge } from './case.ts'
import type { Subject } from './jobs.ts'
import type { Ended } from './protocol.ts'
import type { StoreProcess } from './store-process.ts'
import { everythingOf } from './strangers.ts'
import { closeWorld, openStoreOn, openWorld, submit } from './world.ts'

/** Of a job: its n-th request goes wrong, and how. Requests that only look are numbered apart. */
export interface Mishap {
  readonly n: number
  readonly isLook: boolean
  readonly kind: FaultKind
}

/** Hits one request of a job. */
class Mishaps extends Faults {
  readonly changes: string[] = []
  readonly looks: string[] = []
  readonly #mishap: Mishap | undefined
  isOn = false

  constructor(mishap: Mishap | undefined) {
    super()
    this.#mishap = mishap
  }

  override take(method: string, path: string): FaultKind | undefined {
    if (!this.isOn) return undefined
    const isLook = method === 'GET'
    const n = (isLook ? this.looks : this.changes).push(`${method} ${path}`) - 1
    return this.#mishap?.n === n && this.#mishap.isLook === isLook ? this.#mishap.kind : undefined
  }
}

/** Runs a job while a request goes wrong, and tells what is not as the job says that it is. */
export async function mishapIn(
  subject: Subject,
  base: string,
  directory: string,
  store: StoreProcess,
  mishap?: Mishap,
): Promise<{
  readonly wrong: readonly string[]
  readonly changes: readonly string[]
  readonly looks: readonly string[]
}> {
  const faults = new Mishaps(mishap)
  const world = await openWorld(base, directory, faults)
  const { lab, labDirectory, strangers } = world
  try {
    const limit = mishap?.kind.startsWith('task-hang') ? '1s' : undefined
    await openStoreOn(world, store, { fails: subject.fails, limit })
    const { length } = (await store.tell<Ended>({ order: 'wait' })).jobs
    faults.isOn = true
    const refused = await submit(store, subject.door, subject.args).then(
      () => undefined,
      (error: Error) => error,
    )
    const ended = await store.tell<Ended>({ order: 'wait' })
    faults.isOn = false
    await store.tell({ order: 'close' })
    if (mishap?.kind === 'id-race') {
      const racer = Object.keys(lab.state.guests)
        .map(Number)
        .find(vmid => isRacer(lab.state.guests[vmid]?.config))
      if (racer !== undefined) strangers.set(racer, everythingOf(lab, labDirectory, racer))
    }
    const { changes, looks } = faults
    const job = ended.jobs[0]
    if (ended.jobs.length === length) return { changes, looks, wrong: refused === undefined ? ['there is no job'] : [] }
    const { ends } = subject
    const left = job?.failure?.left ?? []
    const wrong = judge(
      { ends: job?.state === 'succeeded' ? 'succeeded' : 'failed', after: subject.after },
      world,
      ended,
    )
    if (job?.state === 'succeeded')
      return { changes, looks, wrong: ends === 'failed' ? [...wrong, 'it succeeded'] : wrong }
    // It may have failed before its script did.
    if (ends === 'failed' && left.length === 0)
      return { changes, looks, wrong: wrong.filter(words => !words.startsWith('the script ran')) }
    // A job that was to succeed failed: what it did is taken back, or named.
    const touched = wrong.filter(words => /somebody else/.test(words))
    return { changes, looks, wrong: left.length > 0 ? touched : wrong.filter(words => !expected.test(words)) }
  } finally {
    await closeWorld(world)
  }
}

/** What a job that failed and was taken back does not have to have reached; a guest that was not adopted is not ours. */
const expected =
  /^(?:the install is|it runs|the version is|the script ran|\w+ is |guest \d+ is left|guest 20005 has no marker)/

const isRacer = (config: Readonly<Record<string, string>> | undefined): boolean =>
  config !== undefined && !/appstore:/.test(config.description ?? '') && !/^(?:box|mine)/.test(config.hostname ?? '')
