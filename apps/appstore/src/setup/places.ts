import { escapeValue } from '@broker/privexec/escape'
import type { Proxmox } from '@broker/proxmox'
import { AppstoreError } from '../errors/error.ts'
import type { Wish } from './wish.ts'

/**
 * Looks at what the wish names on the node: storages for disks and for templates, bridges, and a range of ids that is nobody's.
 * Resolves to the first storage that takes disks. Throws `APPSTORE_INPUT_INVALID`, which names the field, and `APPSTORE_FOREIGN`.
 */
export async function checkPlaces(proxmox: Proxmox, { storages, bridges, range, pool }: Wish): Promise<string> {
  const present = await proxmox.storages.list({})
  const takes = new Map<string, string>()
  for (const id of storages) {
    const storage = present.find(each => each.storage === id)
    if (storage === undefined)
      throw unknown(
        'storage',
        id,
        present.map(each => each.storage),
      )
    for (const content of storage.content ?? []) if (!takes.has(content)) takes.set(content, id)
  }
  for (const [content, what] of [
    ['rootdir', 'disks of containers'],
    ['vztmpl', 'templates of containers'],
  ] as const) {
    if (takes.has(content)) continue
    throw new AppstoreError('APPSTORE_INPUT_INVALID', `storage: none of ${storages.join(', ')} takes ${what}`, {
      field: 'storage',
    })
  }
  const cards = (await proxmox.network.list({ type: 'any_bridge' })).map(({ iface }) => String(iface))
  for (const bridge of bridges) if (!cards.includes(bridge)) throw unknown('bridge', bridge, cards)
  const guests = await proxmox.cluster.resources({ type: 'vm' })
  const others = guests.filter(
    guest => guest.vmid !== undefined && guest.vmid >= range.from && guest.vmid <= range.to && guest.pool !== pool,
  )
  if (others.length === 0) return takes.get('rootdir') ?? ''
  const ids = others.slice(0, 5).map(({ vmid }) => vmid)
  throw new AppstoreError('APPSTORE_FOREIGN', `range: ids of guests of others are in it: ${ids.join(', ')}`, {
    field: 'range',
    hint: 'Name a range that nobody uses: root runs programs in any container of it that is in the pool',
  })
}

const unknown = (field: string, name: string, there: readonly string[]): AppstoreError =>
  new AppstoreError(
    'APPSTORE_INPUT_INVALID',
    `${field}: the node has no ${escapeValue(name)}, but ${there.map(each => escapeValue(each)).join(', ')}`,
    { field },
  )
