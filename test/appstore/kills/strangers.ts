import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../../packages/proxmox-lab/src/index.ts'

type Seed = Parameters<Lab['addForeignGuest']>[0]

const other = `appstore: install=${'a'.repeat(26)} store=${'b'.repeat(26)} role=app`

/** Guests of somebody else: outside of the range or the pool, or within both; one has the marker of another store. */
export const strangers: readonly Seed[] = [
  { vmid: 104, hostname: 'box', isRunning: true, tags: 'appstore;managed' },
  { vmid: 20_001, hostname: 'box', tags: 'appstore;managed', description: other },
  { vmid: 20_002, hostname: 'box', pool: 'appstore', isRunning: true, tags: 'appstore;managed' },
  { vmid: 20_003, hostname: 'box', pool: 'appstore', tags: 'appstore;managed', description: other },
  { vmid: 20_030, hostname: 'box', pool: 'appstore', tags: 'appstore;managed' },
]

/** Adds a guest of somebody else whose disk has a file. */
export function addStranger(lab: Lab, directory: string, seed: Seed): void {
  lab.addForeignGuest(seed)
  for (const { vmid, place } of Object.values(lab.state.volumes)) {
    if (vmid !== seed.vmid) continue
    mkdirSync(join(directory, place), { recursive: true })
    writeFileSync(join(directory, place, 'file'), `of guest ${seed.vmid}`)
  }
}

/** All there is of a guest, as one text: what it is made of, its disks, and the files on them. */
export function everythingOf(lab: Lab, directory: string, vmid: number): string {
  const disks = Object.entries(lab.state.volumes).filter(([, volume]) => volume.vmid === vmid)
  const files = disks.flatMap(([, { place }]) => {
    const root = join(directory, place)
    if (!existsSync(root)) return []
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .sort()
      .map(name => [name, statSync(join(root, name)).isFile() ? readFileSync(join(root, name), 'utf8') : ''])
  })
  const pools = Object.entries(lab.state.pools).flatMap(([id, { guests }]) => (guests.includes(vmid) ? [id] : []))
  return JSON.stringify({ guest: lab.state.guests[vmid], disks, files, pools })
}
