import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { markerOf } from '../../../apps/appstore/src/guests/marker.ts'
import { openStore } from '../../../apps/appstore/src/store/store.ts'
import type { Lab } from '../../../packages/proxmox-lab/src/index.ts'
import { everythingOf } from './strangers.ts'

export interface Looked {
  readonly lab: Lab
  readonly labDirectory: string
  readonly state: string
  /** Guests that nobody may have touched, as they were. */
  readonly strangers: ReadonlyMap<number, string>
  /** Volumes that Proxmox had from the start. */
  readonly volumesBefore: readonly string[]
}

/** What does not fit together: between the database and Proxmox, and with what was there before. Empty when all does. */
export function contradictions(looked: Looked): string[] {
  const { lab, labDirectory, state, strangers } = looked
  const { guests, volumes } = lab.state
  const found: string[] = []
  const store = openStore(state)
  try {
    const installs = store.installs.list()
    for (const { id, kind } of store.jobs.list({ states: ['queued', 'running', 'undoing'] }))
      found.push(`job ${id} (${kind}) has not ended`)
    const roles = new Map<string, number>()
    for (const [vmid, { config, snapshots, pending }] of Object.entries(guests)) {
      if (strangers.has(Number(vmid))) continue
      const marker = markerOf(config.description)
      if (marker === undefined) found.push(`guest ${vmid} has no marker`)
      else {
        if (roles.has(`${marker.install}/${marker.role}`)) found.push(`guest ${vmid} is a second one`)
        roles.set(`${marker.install}/${marker.role}`, Number(vmid))
        if (!installs.some(({ id }) => id === marker.install)) found.push(`guest ${vmid} is of no install`)
      }
      if (config.lock !== undefined) found.push(`guest ${vmid} is locked: ${config.lock}`)
      if (marker?.role === 'app' && !/appstore/.test(config.tags ?? '')) found.push(`guest ${vmid} has no tags`)
      if (Object.keys(snapshots).length > 0) found.push(`guest ${vmid} has snapshots`)
      if (Object.keys(pending).length > 0) found.push(`guest ${vmid} has pending changes`)
      if (Object.keys(config).some(key => key.startsWith('unused'))) found.push(`guest ${vmid} has unused disks`)
    }
    for (const install of installs) {
      const { id, name, vmid, status } = install
      if (status === 'installing') found.push(`${name} is still being installed`)
      const role = status === 'kept' ? 'volumes' : 'app'
      const guest = roles.get(`${id}/${role}`)
      if (guest === undefined) found.push(`${name} has no guest (${role})`)
      if (role === 'app' && guest !== vmid) found.push(`${name} is said to be ${vmid}, and is ${guest}`)
      if (roles.has(`${id}/${role === 'app' ? 'volumes' : 'app'}`)) found.push(`${name} has a guest too many`)
      for (const { slot, volumeId, path } of install.volumes) {
        const mount = guests[guest ?? 0]?.config[slot] ?? ''
        if (!mount.startsWith(`${volumeId},`) || !mount.includes(`mp=${path}`))
          found.push(`${name}: ${slot} is ${mount}, not ${volumeId}`)
      }
    }
    const places = new Set(Object.values(volumes).map(({ place }) => place))
    for (const [volid, { content, vmid, place }] of Object.entries(volumes)) {
      if (content !== 'rootdir' || looked.volumesBefore.includes(volid)) continue
      const isUsed = Object.values(guests[vmid ?? 0]?.config ?? {}).some(value => value.startsWith(`${volid},`))
      if (!isUsed) found.push(`volume ${volid} is of no guest`)
      if (!existsSync(join(labDirectory, place))) found.push(`volume ${volid} has no directory`)
    }
    for (const storage of readdirSync(join(labDirectory, 'volumes'))) {
      for (const name of readdirSync(join(labDirectory, 'volumes', storage)))
        if (!places.has(`volumes/${storage}/${name}`)) found.push(`directory ${storage}/${name} is of no volume`)
    }
    const owners = store.database.prepare('SELECT DISTINCT owner FROM secrets').all() as { owner: string }[]
    for (const { owner } of owners)
      if (!installs.some(({ id }) => id === owner)) found.push(`secrets of ${owner}, which is no install, are left`)
    const folders = join(state, 'installs')
    for (const id of existsSync(folders) ? readdirSync(folders) : []) {
      if (!installs.some(one => one.id === id)) found.push(`the folder of install ${id} is left`)
      for (const name of readdirSync(join(folders, id)))
        if (!/^[a-z]+$/.test(name)) found.push(`the folder ${name} is left`)
    }
  } finally {
    store.close()
  }
  for (const [vmid, before] of strangers)
    if (everythingOf(lab, labDirectory, vmid) !== before) found.push(`guest ${vmid} of somebody else was touched`)
  return found
}

/** A file of a guest, or undefined. */
export function fileIn(lab: Lab, vmid: number, path: string, name: string): string | undefined {
  const directory = lab.guest(vmid).view.mounts.find(mount => mount.path === path)?.directory
  const file = join(directory ?? '/none', name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
