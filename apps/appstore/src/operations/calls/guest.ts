import { type Call, calls, newVolume, parseTags, volumeId } from '@broker/proxmox'
import type { Bounds } from '../../guests/door.ts'
import type { Target } from '../../guests/guests.ts'
import { describe, type GuestRole, ownTags } from '../../guests/marker.ts'
import type { Install, Network, Volume } from '../../model/install.ts'

type CreateInput = Parameters<typeof calls.lxc.create.call>[0]
type Net = NonNullable<CreateInput['net0']>

/**
 * The call that makes an install's guest: stopped, in the pool, marked in its description from the first moment. It has no
 * tags: a token that has rights on a pool only gets 403 for them here. `template` is the volume id of the template.
 */
export function createCall(
  install: Install,
  target: Target,
  bounds: Bounds,
  template: string,
  features: readonly string[],
): Call<unknown> {
  const { name, storage, resources, network, unprivileged, onboot, volumes, apps } = install
  const text = `${apps.map(({ app, version }) => `${app} ${version}`).join(', ')}, installed by the app store`
  const mounts = volumes
    .filter(volume => volume.volumeId === undefined)
    .map(volume => [volume.slot, mountOf(volume, newVolume(volume.storage, volume.size))])
  return calls.lxc.create.call({
    ...target,
    ostemplate: volumeId(template),
    hostname: name as CreateInput['hostname'],
    description: describe(text, { install: install.id, store: bounds.store, role: 'app' }),
    pool: bounds.pool,
    rootfs: { volume: newVolume(storage, resources.disk) },
    cores: resources.cores,
    memory: resources.memory,
    net0: netOf(network),
    unprivileged,
    onboot,
    ...(network.nameserver === undefined ? {} : { nameserver: [network.nameserver] }),
    ...(features.includes('nesting') ? { features: { nesting: true } } : {}),
    ...(Object.fromEntries(mounts) as object),
  })
}

/** A guest that holds kept volumes and is never started. */
export function holderCall(install: Install, target: Target, bounds: Bounds, template: string): Call<unknown> {
  const text = `Volumes of ${install.name}, kept by the app store`
  return calls.lxc.create.call({
    ...target,
    ostemplate: volumeId(template),
    hostname: `${install.name.slice(0, 58)}-kept` as CreateInput['hostname'],
    description: describe(text, { install: install.id, store: bounds.store, role: 'volumes' }),
    pool: bounds.pool,
    rootfs: { volume: newVolume(install.storage, 1) },
    cores: 1,
    memory: 64,
    unprivileged: install.unprivileged,
    onboot: false,
  })
}

export const tagCall = (target: Target): Call<unknown> =>
  calls.lxc.setConfig.call({ ...target, tags: parseTags(ownTags.join(';')) })

/** The description of another version, or another role. */
export const describeCall = (
  target: Target,
  text: string,
  install: Install,
  bounds: Bounds,
  role: GuestRole,
): Call<unknown> =>
  calls.lxc.setConfig.call({
    ...target,
    description: describe(text, { install: install.id, store: bounds.store, role }),
  })

/** How a volume is mounted; Proxmox leaves volumes out of backups unless told otherwise. */
export const mountOf = ({ path }: Volume, volume: string) =>
  ({ volume, mp: path, backup: true }) as NonNullable<CreateInput['mp0']>

function netOf({ bridge, ipv4, gateway4, ipv6, gateway6, vlan, mtu, firewall, mac }: Network): Net {
  const given = {
    name: 'eth0',
    bridge,
    ...(ipv4 === 'none' ? {} : { ip: ipv4 }),
    gw: gateway4,
    ...(ipv6 === undefined || ipv6 === 'none' ? {} : { ip6: ipv6 }),
    gw6: gateway6,
    tag: vlan,
    mtu,
    firewall,
    hwaddr: mac,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as Net
}
