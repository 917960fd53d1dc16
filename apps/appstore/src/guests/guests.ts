import {
  type Call,
  calls,
  type GuestConfig,
  isProxmoxError,
  type ProxmoxError,
  vmid as parseVmid,
  type Resource,
  type Upid,
  type Vmid,
} from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import type { InstallId } from '../model/id.ts'
import type { Bounds, FinishOptions, ProxmoxDoor } from './door.ts'
import { isAnswerLost, withProxmox } from './failure.ts'
import { type GuestRole, markerOf, ownTags } from './marker.ts'

declare const own: unique symbol

/** A guest that was read back from Proxmox just now, and is ours: only {@link Guests} makes one. */
export interface OwnGuest {
  readonly vmid: Vmid
  readonly install: InstallId
  readonly role: GuestRole
  readonly config: GuestConfig
  readonly isRunning: boolean
  readonly [own]: true
}

/** How a guest is looked for. */
export interface Look {
  readonly role?: GuestRole
  readonly signal?: AbortSignal
  /** It may lack its tags, as it does between its creation and the next request. */
  readonly untagged?: boolean
}

/**
 * The only way to a guest. Whatever is done to one is preceded by reading back from Proxmox that it is ours: its id in the
 * range of the policy, in the pool, marked with this store and this install, and tagged. Our own records count for nothing.
 */
export class Guests {
  readonly bounds: Bounds
  readonly #door: ProxmoxDoor

  constructor(door: ProxmoxDoor, bounds: Bounds) {
    this.#door = door
    this.bounds = bounds
  }

  /**
   * Reads a guest back.
   * @throws {AppstoreError} `APPSTORE_FOREIGN` when anything shows that it is not ours, `APPSTORE_NOT_FOUND` when it is gone.
   */
  async own(
    vmid: number,
    install: InstallId,
    { role = 'app', untagged = false, signal }: Look = {},
  ): Promise<OwnGuest> {
    const foreign = (why: string): AppstoreError =>
      new AppstoreError('APPSTORE_FOREIGN', `Guest ${vmid} is not one of this install: ${why}`)
    const { from, to } = this.bounds
    if (vmid < from || vmid > to) throw foreign(`its id is not within ${from}-${to}`)
    const resource = (await this.#all(signal)).find(one => one.vmid === vmid)
    if (resource === undefined) throw new AppstoreError('APPSTORE_NOT_FOUND', `Guest ${vmid} is gone`)
    if (!this.#isOfPool(resource)) throw foreign(`it is no container of the pool ${this.bounds.pool} on this node`)
    const found = await this.#look(parseVmid(vmid), signal)
    if (found === 'gone') throw new AppstoreError('APPSTORE_NOT_FOUND', `Guest ${vmid} is gone`)
    if (found === 'foreign') throw foreign('it has no marker of this store')
    if (found.install !== install || found.role !== role) throw foreign('it is marked as another one')
    const lacking = untagged ? [] : ownTags.filter(tag => !found.config.tags?.some(one => one === tag))
    if (lacking.length > 0) throw foreign(`it lacks the tag ${lacking.join(' and ')}`)
    return found
  }

  /**
   * The guest of an install, wherever it is, or undefined. While Proxmox makes a guest it has no marker yet: whoever looks
   * for it waits for the task first.
   */
  async find(install: InstallId, { role = 'app', signal }: Omit<Look, 'untagged'> = {}): Promise<OwnGuest | undefined> {
    for await (const guest of this.ours(signal)) if (guest.install === install && guest.role === role) return guest
    return undefined
  }

  /** All guests that are marked as of this store. */
  async *ours(signal?: AbortSignal): AsyncIterable<OwnGuest> {
    for (const { vmid } of await this.inPool(signal)) {
      const guest = await this.#look(vmid, signal)
      if (typeof guest === 'object') yield guest
    }
  }

  /** Containers of the pool and the range, ours or not, as Proxmox lists them. */
  async inPool(signal?: AbortSignal): Promise<readonly (Resource & { readonly vmid: Vmid })[]> {
    const all = await this.#all(signal)
    return all.flatMap(one => (this.#isOfPool(one) && one.vmid !== undefined ? [{ ...one, vmid: one.vmid }] : []))
  }

  /** Ids of the range that nobody seems to use, lowest first; somebody else may take one at any time. */
  async *freeIds(signal?: AbortSignal): AsyncIterable<Vmid> {
    const seen = new Set((await this.#all(signal)).map(({ vmid }) => vmid))
    for (let id = this.bounds.from; id <= this.bounds.to; id++) {
      const vmid = parseVmid(id)
      if (!seen.has(vmid) && (await this.isFree(vmid, signal))) yield vmid
    }
  }

  /** Whether no guest has an id, be it one that this token does not see. */
  async isFree(vmid: Vmid, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#door.send(calls.cluster.nextid.call({ vmid }), { ...(signal && { signal }) })
      return true
    } catch (error) {
      // The token does not see every guest, but Proxmox does.
      if (isProxmoxError(error) && (error.isConflict || error.isInvalid)) return false
      throw error
    }
  }

  /**
   * Sends a request about a guest that is ours, and waits for its task if it is one, also when the answer that names it was
   * lost: once this has failed, nothing that it began goes on.
   */
  async perform(
    what: string,
    guest: OwnGuest,
    request: (target: Target) => Call<unknown>,
    options: FinishOptions = {},
  ): Promise<void> {
    await withProxmox(what, async () => {
      const target = { node: this.#door.node, vmid: guest.vmid }
      const answer = await this.#door
        .send(request(target), { ...(options.signal && { signal: options.signal }) })
        .catch(async error => {
          if (isAnswerLost(error)) await this.settle(guest.vmid, options).catch(() => {})
          throw error
        })
      if (typeof answer === 'string' && answer.startsWith('UPID:')) await this.#door.finish(answer as Upid, options)
    })
  }

  /**
   * Waits for the tasks that this store's token has begun on an id and that still run, however they end: after a restart
   * nobody knows them any more, and what they do must not be taken for somebody else's. Ones that hang are ended.
   * @throws {AppstoreError} `APPSTORE_TASK_STUCK`
   */
  async settle(vmid: number, options: FinishOptions = {}): Promise<void> {
    await withProxmox('Waiting for tasks', async () => {
      const request = calls.tasks.list.call({ node: this.#door.node, vmid: parseVmid(vmid), source: 'active' })
      for (const { upid } of await this.#door.send(request, { ...(options.signal && { signal: options.signal }) })) {
        try {
          await this.#door.finish(upid, options)
        } catch (error) {
          if (!isProxmoxError(error) || !isOver(error)) throw error
        }
      }
    })
  }

  async #look(vmid: Vmid, signal?: AbortSignal): Promise<OwnGuest | 'foreign' | 'gone'> {
    const target = { node: this.#door.node, vmid }
    const options = { ...(signal && { signal }) }
    try {
      const config = await this.#door.send(calls.lxc.config.call(target), options)
      const marker = markerOf(config.description)
      if (marker?.store !== this.bounds.store) return 'foreign'
      const { status } = await this.#door.send(calls.lxc.status.call(target), options)
      const { install, role } = marker
      return { vmid, install, role, config, isRunning: status === 'running' } as OwnGuest
    } catch (error) {
      if (!isProxmoxError(error)) throw error
      if (error.isNotFound && error.subject === 'guest') return 'gone'
      // Proxmox answers so for what does not exist, too; that the guest is gone, only its list can tell.
      if (error.isForbidden && !(await this.#all(signal)).some(one => one.vmid === vmid)) return 'gone'
      throw error
    }
  }

  #isOfPool({ type, pool, node, vmid }: Resource): boolean {
    const { from, to } = this.bounds
    const isInRange = vmid !== undefined && vmid >= from && vmid <= to
    return type === 'lxc' && pool === this.bounds.pool && node === this.#door.node && isInRange
  }

  #all(signal?: AbortSignal): Promise<readonly Resource[]> {
    return withProxmox('Listing guests', () =>
      this.#door.send(calls.cluster.resources.call({ type: 'vm' }), { ...(signal && { signal }) }),
    )
  }
}

/** Whether a task is over: it failed, nobody knows it any more, or it was ended because it took too long. */
const isOver = ({ isFailed, isNotFound, code }: ProxmoxError): boolean =>
  isFailed || isNotFound || code === 'PROXMOX_TASK_TIMED_OUT'

/** Where a request about a guest goes. */
export interface Target {
  readonly node: ProxmoxDoor['node']
  readonly vmid: Vmid
}
