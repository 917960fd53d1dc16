import type { InstallId } from './id.ts'

/**
 * What became of an install. `active` ones have a guest that works; `failed` ones may have a guest; of `kept` ones only
 * volumes are there. Whether a guest runs, or is there at all, is asked from Proxmox.
 */
export type InstallStatus = 'installing' | 'active' | 'failed' | 'kept'

/** One app of an install; a stack has several, in the order of their installation. */
export interface InstalledApp {
  readonly app: string
  readonly version: string
  /** Catalog source that it came from, and the commit that its source was pinned to. */
  readonly source: string
  readonly commit: string
  /** Values of inputs; those of secrets are in the store of secrets. */
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  /** What the app told about itself; secret ones are in the store of secrets. */
  readonly outputs: readonly Output[]
}

export interface Output {
  readonly key: string
  readonly label: string
  /** Left out for a secret, which its owner asks for by name. */
  readonly value?: string
  readonly secret?: boolean
}

/** Memory in MiB, disk in GiB. */
export interface Resources {
  readonly cores: number
  readonly memory: number
  readonly disk: number
}

/** How the guest is on the network. */
export interface Network {
  readonly bridge: string
  /** `dhcp`, `none`, or an address with its prefix length. */
  readonly ipv4: string
  readonly gateway4?: string
  /** `dhcp`, `auto`, `none`, or an address with its prefix length. */
  readonly ipv6?: string
  readonly gateway6?: string
  /** VLAN tag, 1 to 4094. */
  readonly vlan?: number
  readonly mtu?: number
  readonly firewall?: boolean
  readonly mac?: string
  readonly nameserver?: string
}

/** A volume of an app. Size in GiB. */
export interface Volume {
  readonly app: string
  readonly name: string
  /** Where it is in the guest. */
  readonly path: string
  readonly size: number
  readonly storage: string
  /** Slot of the guest's configuration, such as `mp0`. */
  readonly slot: string
  /** As Proxmox names it, once it was read back from there. */
  readonly volumeId?: string
}

/** An installed app, or several in one guest. */
export interface Install {
  readonly id: InstallId
  /** Unique among installs; the guest's host name. */
  readonly name: string
  readonly status: InstallStatus
  readonly apps: readonly InstalledApp[]
  /** Guest, once its id was chosen. */
  readonly vmid?: number
  readonly unprivileged: boolean
  readonly onboot: boolean
  readonly template: string
  readonly storage: string
  readonly resources: Resources
  readonly network: Network
  readonly volumes: readonly Volume[]
  /** Hash of what the user agreed to. */
  readonly consent: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}
