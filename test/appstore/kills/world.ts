import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configText, manifest, range, rich, writeApp } from '../../../apps/appstore/test/support/shop.ts'
import { Faults, type Lab, startLab } from '../../../packages/proxmox-lab/src/index.ts'
import { fileIn } from './check.ts'
import { type Base, request } from './jobs.ts'
import type { Ended, Run } from './protocol.ts'
import type { Pool, StoreProcess } from './store-process.ts'
import { addStranger, everythingOf, strangers } from './strangers.ts'

/** What a user has put into the volume; it must never be lost. */
export const precious = 'of great worth'

/** A lab in a directory, with a store's state and a catalog beside it. */
export interface World {
  readonly directory: string
  readonly lab: Lab
  readonly labDirectory: string
  /** Guests of somebody else, as they were. */
  readonly strangers: Map<number, string>
}

/** How long tasks of the lab take, so that a store which is started again finds them running. Milliseconds. */
const taskMilliseconds = 60

/** Opens a copy of a world. */
export async function openWorld(from: string, directory: string, faults: Faults = new Faults()): Promise<World> {
  cpSync(from, directory, { recursive: true })
  const labDirectory = join(directory, 'lab')
  const lab = await startLab({ directory: labDirectory, faults, taskMilliseconds })
  // Guests which start with the node.
  for (const { upid } of lab.state.tasks) await lab.waitFor(upid)
  const known = Object.keys(lab.state.guests)
    .map(Number)
    .filter(vmid => isStranger(directory, vmid))
  return {
    ...{ directory, lab, labDirectory },
    strangers: new Map(known.map(vmid => [vmid, everythingOf(lab, labDirectory, vmid)])),
  }
}

const listed = (directory: string): string => join(directory, 'strangers.json')
const isStranger = (directory: string, vmid: number): boolean =>
  (JSON.parse(readFileSync(listed(directory), 'utf8')) as number[]).includes(vmid)

export async function closeWorld({ lab, directory }: World): Promise<void> {
  await lab.stop()
  rmSync(directory, { recursive: true, force: true })
}

/** Tells a process to open its store over a world. Its scripts write a line into the guest, unless they are to fail. */
export async function openStoreOn(
  { lab, directory }: Pick<World, 'lab' | 'directory'>,
  store: StoreProcess,
  script: {
    readonly fails?: ((run: Run) => string | undefined) | undefined
    readonly hook?: () => Promise<void>
    /** How long tasks may take. */
    readonly limit?: string | undefined
  } = {},
): Promise<void> {
  store.onRun = async run => {
    await script.hook?.()
    if (run.action !== 'healthcheck') {
      const root = lab.guest(run.vmid).view.mounts.find(({ path }) => path === '/')?.directory ?? '/none'
      const before = fileIn(lab, run.vmid, '/', 'script') ?? ''
      const line = `${run.action} ${run.version}\n`
      // Only an installation has to come upon a fresh guest; what configures or upgrades may run twice.
      const after = run.action !== 'install' && before.endsWith(line) ? before : `${before}${line}`
      writeFileSync(join(root, 'script'), after)
    }
    await script.hook?.()
    return script.fails?.(run)
  }
  const { url, fingerprint, tokenId: id, tokenSecret: secret } = lab
  const config = configText(lab, join(directory, 'state'), join(directory, 'catalog'), script.limit)
  await store.tell({ order: 'open', open: { url, fingerprint, token: { id, secret }, config, range } })
}

/** Does one thing at a door of the store, and waits until the job has ended well. */
async function use(store: StoreProcess, door: string, ...args: readonly unknown[]): Promise<void> {
  await store.tell({ order: 'do', door, args })
  const { jobs } = await store.tell<Ended>({ order: 'wait' })
  if (jobs[0]?.state !== 'succeeded') throw new Error(JSON.stringify(jobs[0]))
}

/** Sends the job of a test. */
export async function submit(store: StoreProcess, door: string, args: readonly unknown[]): Promise<void> {
  if (door !== 'install') return void (await store.tell({ order: 'do', door, args }))
  const { consent } = await store.tell<{ consent: { hash: string } }>({ order: 'do', door: 'plan', args: [request] })
  await store.tell({ order: 'do', door, args: [{ ...request, consent: consent.hash }, ...args.slice(1)] })
}

/** Makes the world that a job begins in, to be copied for each case. */
export async function makeBase(directory: string, base: Base, pool: Pool): Promise<void> {
  const labDirectory = join(directory, 'lab')
  mkdirSync(join(directory, 'state'), { recursive: true, mode: 0o700 })
  writeApp(join(directory, 'catalog'), 'rich', manifest('rich', '1.0.0', rich))
  const lab = await startLab({ directory: labDirectory })
  const store = pool.take()
  for (const seed of strangers) addStranger(lab, labDirectory, seed)
  const all = strangers.map(({ vmid }) => vmid)
  await openStoreOn({ lab, directory }, store)
  if (base === 'stranger') addStranger(lab, labDirectory, { vmid: 20_005, hostname: 'mine', pool: 'appstore' })
  else if (base !== 'empty') {
    const { consent } = await store.tell<{ consent: { hash: string } }>({ order: 'do', door: 'plan', args: [request] })
    const alice = { principal: 'alice' }
    await use(store, 'install', { ...request, onboot: true, consent: consent.hash }, alice)
    const volume = lab.guest(20_000).view.mounts.find(({ path }) => path === '/srv/data')?.directory ?? ''
    writeFileSync(join(volume, 'precious'), precious)
    // The very description of our guest, outside of the range, and outside of the pool.
    const description = lab.state.guests[20_000]?.config.description ?? ''
    const copies = [
      { vmid: 20_031, hostname: 'box', pool: 'appstore', tags: 'appstore;managed', description },
      { vmid: 20_004, hostname: 'box', tags: 'appstore;managed', description },
    ]
    for (const seed of copies) addStranger(lab, labDirectory, seed)
    all.push(...copies.map(({ vmid }) => vmid))
    if (base === 'stopped') await use(store, 'stop', 'box', alice)
    if (base === 'kept') await use(store, 'uninstall', 'box', { keep: true }, alice)
    if (base === 'newer') writeApp(join(directory, 'catalog'), 'rich', manifest('rich', '1.1.0', rich))
  }
  await store.tell({ order: 'close' })
  await store.end()
  if (base === 'stopped') delete lab.state.guests[20_000]?.config.onboot
  lab.save()
  await lab.stop()
  writeFileSync(listed(directory), JSON.stringify(all))
}
