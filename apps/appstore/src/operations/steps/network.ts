import { setTimeout as wait } from 'node:timers/promises'
import { calls } from '@broker/proxmox'
import { withProxmox } from '../../guests/failure.ts'
import type { Guests, OwnGuest } from '../../guests/guests.ts'
import type { Step } from '../../jobs/definition.ts'
import { installOf, type Toolbox } from '../toolbox.ts'
import { ready } from './guest.ts'

/** Between two looks, in milliseconds. */
const interval = 500

/** Waits until the guest has an address. A guest that gets none goes on all the same: its app may need none. */
export const awaitNetwork = (tools: Toolbox): Step => ({
  name: 'network',
  title: 'Wait for the network',
  run: async context => {
    const { network } = installOf(tools, context)
    if (network.ipv4 === 'none' && (network.ipv6 ?? 'none') === 'none') return
    const guest = await ready(tools, context)
    const deadline = Date.now() + tools.settings.networkTimeout
    while (Date.now() < deadline) {
      const addresses = await addressesOf(tools, guest, context.signal)
      if (addresses.length > 0) {
        context.save({ addresses })
        context.log('info', `The guest has the address ${addresses.join(', ')}`)
        return
      }
      await wait(interval, undefined, { signal: context.signal })
    }
    context.log('warn', 'The guest got no address in time')
  },
})

/** Addresses of a guest, IPv4 first, without those of its loopback card and link-local ones. */
export async function addressesOf(
  { door }: { readonly door: Toolbox['door']; readonly guests: Guests },
  { vmid }: Pick<OwnGuest, 'vmid'>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const request = calls.lxc.interfaces.call({ node: door.node, vmid })
  const cards = await withProxmox('Looking for addresses', () => door.send(request, { ...(signal && { signal }) }))
  const found = cards
    .filter(({ name }) => name !== 'lo')
    .flatMap(({ inet, inet6 }) => [inet, inet6])
    .flatMap(text => (text === undefined ? [] : [text.split('/')[0] ?? '']))
    .filter(address => address !== '' && !/^(?:169\.254\.|fe80:)/i.test(address))
  return [...new Set(found)].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
}
