import { join, resolve } from 'node:path'
import { connect, type Proxmox } from '@broker/proxmox'
import { directoriesRuntime, type Lab, namespacesMissing, namespacesRuntime, startLab } from '@broker/proxmox-lab'
import { repositoryUrl, type SourceConfig } from '../catalog/sources/source-config.ts'
import type { Config } from '../config/config.ts'
import { AppstoreError } from '../errors/error.ts'
import type { GuestDoor } from '../provision/door.ts'
import { labDoor } from './door.ts'

/** A store's surroundings without a Proxmox host: its API, its guests, and the way into them. */
export interface OpenLab {
  readonly lab: Lab
  readonly proxmox: Proxmox
  readonly config: Config
  readonly range: { readonly from: number; readonly to: number }
  readonly guestDoor: (vmid: number) => GuestDoor
  /** Why guests are plain directories, in which nothing runs; undefined when they are containers. */
  readonly withoutContainers?: string
  close(): Promise<void>
}

const ownSource = (catalog: string, at: number): SourceConfig => {
  const name = at === 0 ? 'own' : `own-${at + 1}`
  return /^[a-z]+:\/\/|^git@/.test(catalog)
    ? { name, url: repositoryUrl(catalog) }
    : { name, directory: resolve(catalog) }
}

/** Catalog that is shipped with the package. */
const shippedCatalog = join(import.meta.dirname, '../../catalog')

/**
 * Opens the lab below a directory, with the small catalog of the package behind others: folders, or addresses of
 * repositories, which are pinned as everywhere. Guests are containers of user namespaces where
 * the kernel lets this account make them.
 */
export async function openLab(state: string, port: number, catalogs: readonly string[] = []): Promise<OpenLab> {
  const withoutContainers = await namespacesMissing()
  const guests = withoutContainers === undefined ? namespacesRuntime() : directoriesRuntime()
  const lab = await startLab({
    directory: join(state, 'lab'),
    guests,
    foreignGuests: [
      { vmid: 104, hostname: 'nas', isRunning: true, description: 'Somebody else’s', tags: 'home' },
      { vmid: 20_005, hostname: 'mine', pool: 'appstore', description: 'In the pool, and not of the store' },
    ],
  })
  const proxmox = await connect({
    url: lab.url,
    token: { id: lab.tokenId, secret: lab.tokenSecret },
    tls: { fingerprint: lab.fingerprint },
  })
  const config: Config = {
    file: '',
    pool: 'appstore',
    state,
    policy: '',
    proxmox: { url: lab.url, tokenFile: '', fingerprint: lab.fingerprint, insecure: false },
    listen: { address: '127.0.0.1', port, names: [] },
    defaults: { network: { ipv4: 'dhcp' } },
    sources: [...catalogs.map(ownSource), { name: 'lab', directory: shippedCatalog, trusted: true }],
    jobs: { atOnce: 4, keepDays: 90 },
    timeouts: { network: 15_000, health: 60_000, shutdown: 10_000, task: 60_000, create: 120_000, copy: 300_000 },
  }
  const door = (vmid: number): GuestDoor => {
    if (withoutContainers === undefined) return labDoor(lab, vmid)
    throw new AppstoreError('APPSTORE_PRIVILEGED_UNAVAILABLE', `Nothing runs in this lab: ${withoutContainers}`)
  }
  return {
    ...{ lab, proxmox, config, range: { from: 20_000, to: 20_999 }, guestDoor: door },
    ...(withoutContainers === undefined ? {} : { withoutContainers }),
    close: async () => {
      await proxmox.close()
      await lab.stop()
    },
  }
}
