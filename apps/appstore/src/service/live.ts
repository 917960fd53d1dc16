import { calls } from '@broker/proxmox'
import type { InstallView } from '../contract.ts'
import { withProxmox } from '../guests/failure.ts'
import type { Install } from '../model/install.ts'
import { addressesOf } from '../operations/steps/network.ts'
import type { Toolbox } from '../operations/toolbox.ts'

type Live = InstallView['live']

/** How long what Proxmox said is good for, in milliseconds: many pages look at the same list. */
const freshness = 1500
/** Addresses change seldom, and each is a request of its own. */
const addressFreshness = 15_000

/** What Proxmox says of guests, asked once for all that look at the same time. */
export class LiveGuests {
  readonly #tools: Pick<Toolbox, 'door' | 'guests'>
  #asked: { readonly at: number; readonly states: Promise<ReadonlyMap<number, Live>> } | undefined
  readonly #addresses = new Map<number, { readonly at: number; readonly found: Promise<readonly string[]> }>()

  constructor(tools: Pick<Toolbox, 'door' | 'guests'>) {
    this.#tools = tools
  }

  /** State of an install's guest; with its addresses when it runs and `addresses` is wanted. */
  async of({ vmid, status }: Install, options: { readonly addresses: boolean } = { addresses: true }): Promise<Live> {
    if (vmid === undefined || status === 'kept')
      return { state: status === 'kept' ? 'stopped' : 'missing', addresses: [] }
    let live: Live | undefined
    try {
      live = (await this.#states()).get(vmid)
    } catch {
      return { state: 'unknown', addresses: [] }
    }
    if (live === undefined) return { state: 'missing', addresses: [] }
    if (live.state !== 'running' || !options.addresses) return live
    return { ...live, addresses: await this.#addressesOf(vmid) }
  }

  /** Forgets what was said, after something was changed. */
  forget(): void {
    this.#asked = undefined
    this.#addresses.clear()
  }

  #states(): Promise<ReadonlyMap<number, Live>> {
    if (this.#asked !== undefined && Date.now() - this.#asked.at < freshness) return this.#asked.states
    const states = this.#ask()
    const asked = { at: Date.now(), states }
    this.#asked = asked
    states.catch(() => {
      if (this.#asked === asked) this.#asked = undefined
    })
    return states
  }

  async #ask(): Promise<ReadonlyMap<number, Live>> {
    const { door, guests } = this.#tools
    const [list, pool] = await withProxmox('Asking for guests', () =>
      Promise.all([door.send(calls.lxc.list.call({ node: door.node })), guests.inPool()]),
    )
    const ours = new Set<number>(pool.map(({ vmid }) => vmid))
    return new Map(
      list.map(({ vmid, status, uptime, cpu, mem, maxmem, disk, maxdisk }) => [
        vmid,
        {
          state: !ours.has(vmid) ? 'foreign' : status,
          addresses: [],
          ...given({ uptime, cpu, memory: mem, memoryLimit: maxmem, disk, diskLimit: maxdisk }),
        } as Live,
      ]),
    )
  }

  #addressesOf(vmid: number): Promise<readonly string[]> {
    const known = this.#addresses.get(vmid)
    if (known !== undefined && Date.now() - known.at < addressFreshness) return known.found
    const found = addressesOf(this.#tools, { vmid: vmid as never }).catch(() => [])
    this.#addresses.set(vmid, { at: Date.now(), found })
    return found
  }
}

const given = (values: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined))
