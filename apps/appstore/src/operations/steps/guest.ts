import { calls, isProxmoxError, type Upid, type Vmid, vmid } from '@broker/proxmox'
import { AppstoreError, isAppstoreError } from '../../errors/error.ts'
import type { FinishOptions } from '../../guests/door.ts'
import { isAnswerLost, withProxmox } from '../../guests/failure.ts'
import type { OwnGuest, Target } from '../../guests/guests.ts'
import type { GuestRole } from '../../guests/marker.ts'
import type { Step, StepContext } from '../../jobs/definition.ts'
import type { Install } from '../../model/install.ts'
import { createCall, tagCall } from '../calls/guest.ts'
import { installOf, type Toolbox } from '../toolbox.ts'

/** How often another id is tried when somebody else takes the one that was free a moment ago. */
const mostTries = 20

/** Makes the guest of an install. `features` are those of its apps; `facts.template` is the volume of the template. */
export const createGuest = (tools: Toolbox, features: readonly string[]): Step => ({
  name: 'create',
  title: 'Create the guest',
  run: async context => {
    const install = installOf(tools, context)
    const request = (target: Target) =>
      createCall(install, target, tools.guests.bounds, String(context.facts.template), features)
    const vmid = await create(tools, context, install, 'app', request)
    tools.store.installs.update(install.id, { vmid })
  },
  undo: context => destroy(tools, context, 'app'),
})

/** Tags the guest, which Proxmox does not let a token of a pool do when it creates. */
export const tagGuest = (tools: Toolbox): Step => ({
  name: 'tag',
  title: 'Tag the guest',
  run: async context => {
    const guest = await ready(tools, context, { untagged: true })
    await tools.guests.perform('Tagging the guest', guest, tagCall)
  },
})

export const startGuest = (tools: Toolbox): Step => ({
  name: 'start',
  title: 'Start the guest',
  run: async context => {
    const guest = await ready(tools, context)
    await start(tools, guest, watched(context))
  },
})

export const stopGuest = (tools: Toolbox): Step => ({
  name: 'stop',
  title: 'Shut the guest down',
  run: async context => stop(tools, context, await ready(tools, context)),
})

/** Starts a guest, unless it runs. */
export async function start(tools: Toolbox, guest: OwnGuest, options: FinishOptions = {}): Promise<void> {
  if (guest.isRunning) return
  await tools.guests.perform('Starting the guest', guest, target => calls.lxc.start.call(target), options)
}

/** Asks a guest to shut down, and stops it when it does not in time. */
export async function stop(tools: Toolbox, context: StepContext, guest: OwnGuest): Promise<void> {
  if (!guest.isRunning) return
  const timeout = Math.ceil(tools.settings.shutdownTimeout / 1000)
  const shutdown = (target: Target) => calls.lxc.shutdown.call({ ...target, timeout, forceStop: true })
  await tools.guests.perform('Shutting the guest down', guest, shutdown, watched(context))
}

/** Destroys the guest of an install, if there is one; nothing that is not this install's is touched. */
export async function destroy(tools: Toolbox, context: StepContext, role: GuestRole): Promise<void> {
  const install = installOf(tools, context)
  const known = candidate(context, role) ?? (role === 'app' ? install.vmid : undefined)
  const { signal } = context
  if (known !== undefined) await tools.guests.settle(known, { signal })
  const found = await tools.guests.find(install.id, { role, signal })
  if (found !== undefined && found.vmid !== known) await tools.guests.settle(found.vmid, { signal })
  const guest = found?.vmid === known ? found : await tools.guests.find(install.id, { role, signal })
  if (guest !== undefined) {
    if (guest.config.protection) throw new AppstoreError('APPSTORE_PROTECTED', `Guest ${guest.vmid} is protected`)
    if (guest.isRunning)
      await tools.guests.perform('Stopping the guest', guest, target => calls.lxc.stop.call(target), { signal })
    const again = await tools.guests.own(guest.vmid, install.id, { role, untagged: true, signal })
    const request = (target: Target) => calls.lxc.destroy.call({ ...target, purge: true })
    await tools.guests.perform('Destroying the guest', again, request, { signal })
    context.log('info', `Guest ${guest.vmid} is destroyed`)
  }
  if (role === 'app') tools.store.installs.update(install.id, { vmid: null })
  if (guest === undefined) await mustBeWhole(tools, context, role)
}

/**
 * What Proxmox leaves of a creation that broke off is locked and has no marker yet, so it is not touched, only named.
 * @throws {AppstoreError} `APPSTORE_FOREIGN`
 */
async function mustBeWhole(tools: Toolbox, { facts }: StepContext, role: GuestRole): Promise<void> {
  const half = facts[halfMadeKey(role)]
  if (typeof half !== 'number' || (await tools.guests.isFree(vmid(half)))) return
  throw new AppstoreError('APPSTORE_FOREIGN', `Guest ${half} may be what a creation left that broke off`, {
    hint: `If it is locked with "create": pct unlock ${half}; pct destroy ${half}`,
  })
}

/** The guest, read back, with no task of ours at work on it. */
export async function ready(
  tools: Toolbox,
  context: StepContext,
  look: { readonly role?: GuestRole; readonly untagged?: boolean } = {},
): Promise<OwnGuest> {
  const install = installOf(tools, context)
  if (install.vmid === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', 'The install has no guest')
  const { signal } = context
  await tools.guests.settle(install.vmid, { signal })
  return tools.guests.own(install.vmid, install.id, { ...look, signal })
}

/** Options of a task: its log goes into the job's. */
export const watched = (context: StepContext) => ({
  signal: context.signal,
  onLine: (line: string): void => context.log('debug', line),
})

const candidateKey = (role: GuestRole): string => (role === 'app' ? 'candidate' : 'holderCandidate')

/** Where the id of a guest is kept while Proxmox makes it. */
const halfMadeKey = (role: GuestRole): string => (role === 'app' ? 'halfMade' : 'holderHalfMade')

const candidate = ({ facts }: StepContext, role: GuestRole): number | undefined => {
  const value = facts[candidateKey(role)]
  return typeof value === 'number' ? value : undefined
}

/**
 * Makes a guest under a free id of the range. Each id is written down before it is tried, so that after a kill the task
 * that makes the guest is waited for, and the guest is found by its marker.
 */
export async function create(
  tools: Toolbox,
  context: StepContext,
  install: Install,
  role: GuestRole,
  request: (target: Target) => ReturnType<typeof createCall>,
): Promise<Vmid> {
  const { door, guests } = tools
  const { signal } = context
  const tried = candidate(context, role)
  if (tried !== undefined) await guests.settle(tried, { signal })
  const earlier = await guests.find(install.id, { role, signal })
  if (earlier !== undefined) {
    context.save({ [halfMadeKey(role)]: undefined })
    return earlier.vmid
  }
  let tries = 0
  for await (const vmid of guests.freeIds(signal)) {
    const owner = tools.store.installs.byGuest(vmid)
    if (owner !== undefined && owner.id !== install.id) continue
    if (tries++ === mostTries) break
    context.save({ [candidateKey(role)]: vmid })
    if (role === 'app') tools.store.installs.update(install.id, { vmid })
    try {
      const upid = await withProxmox('Creating the guest', () =>
        door.send(request({ node: door.node, vmid }), { signal }),
      )
      context.save({ [halfMadeKey(role)]: vmid })
      await withProxmox('Creating the guest', () => door.finish(upid as Upid, watched(context)))
      const made = await guests.own(vmid, install.id, { role, untagged: true, signal })
      context.save({ [halfMadeKey(role)]: undefined })
      return made.vmid
    } catch (error) {
      const made = await afterLoss(tools, context, error, vmid, role)
      if (made !== undefined) return made
      if (!isTaken(error)) throw error
      context.log('info', `The id ${vmid} was taken by somebody else; trying another`)
      if (role === 'app') tools.store.installs.update(install.id, { vmid: null })
    }
  }
  const { from, to } = guests.bounds
  throw new AppstoreError('APPSTORE_NO_SPACE', `No id from ${from} to ${to} is free`)
}

/** The guest, when only the answer was lost and Proxmox has made it all the same. */
async function afterLoss(
  tools: Toolbox,
  context: StepContext,
  error: unknown,
  vmid: Vmid,
  role: GuestRole,
): Promise<Vmid | undefined> {
  if (!isAnswerLost(error)) return undefined
  await tools.guests.settle(vmid, { signal: context.signal })
  return (await tools.guests.find(context.job.install, { role, signal: context.signal }))?.vmid
}

/** Whether Proxmox made nothing, because somebody has the id. */
const isTaken = (error: unknown): boolean =>
  isAppstoreError(error) && isProxmoxError(error.cause) && error.cause.code === 'PROXMOX_EXISTS'
