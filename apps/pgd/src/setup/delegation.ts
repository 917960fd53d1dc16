import type { Argv, Step } from './step.ts'
import type { System } from './system.ts'
import type { Wish } from './wish.ts'
import { zfs, zpool } from './zfs.ts'

/**
 * What the group may do to what lies below the base (zfs-allow(8)). `mount` is needed beside each of the others, and mounts
 * nothing on Linux, which only root may; `canmount` makes a new dataset wait for that. Nothing here moves a mount point,
 * brings rights or foreign data along, or delegates further.
 */
const below = ['canmount', 'clone', 'create', 'destroy', 'mount', 'promote', 'rename', 'snapshot', 'userprop'] as const

/** What it may do to the base itself: make a project in it, and no more. */
const atBase = ['create', 'mount'] as const

/** Permissions of a group on one dataset. */
export interface Delegated {
  readonly local: ReadonlySet<string>
  readonly below: ReadonlySet<string>
}

/** Reads from what `zfs allow DATASET` prints what a group has on this very dataset. */
export function readDelegated(text: string, dataset: string, group: string): Delegated {
  const found = { local: new Set<string>(), below: new Set<string>() }
  let isHere = false
  let section = ''
  for (const line of text.split('\n')) {
    const head = /^---- Permissions on (.+?) -+$/.exec(line)?.[1]
    if (head !== undefined) [isHere, section] = [head === dataset, '']
    else if (/^\S.*:$/.test(line)) section = line
    else if (isHere) {
      const [, name, list = ''] = /^\s+group (\S+) (\S+)$/.exec(line) ?? []
      if (name !== group) continue
      if (section.startsWith('Local')) for (const one of list.split(',')) found.local.add(one)
      if (/Desc/i.test(section)) for (const one of list.split(',')) found.below.add(one)
    }
  }
  return found
}

/** Delegation of ZFS, as it must be: what lacks is allowed, what is too much is taken away. */
export async function delegationSteps(system: System, { pool, base, group }: Wish): Promise<Step[]> {
  const read = async () => readDelegated((await system.run([zfs, 'allow', base])).stdout, base, group)
  const now = await read()
  return [
    {
      title: `delegation on the pool ${pool}`,
      why: 'without it ZFS heeds no permission of the next step',
      commands: [[zpool, 'set', 'delegation=on', pool]],
      isDone: async () => /\sdelegation\s+on\s/.test((await system.run([zpool, 'get', 'delegation', pool])).stdout),
    },
    {
      title: `permissions of the group ${group} on ${base}`,
      why: 'its members make, copy and destroy databases by themselves; mounting stays with root',
      commands: [...change('-l', group, base, now.local, atBase), ...change('-d', group, base, now.below, below)],
      isDone: async () => {
        const { local, below: descendent } = await read()
        return isSame(local, atBase) && isSame(descendent, below)
      },
    },
  ]
}

function change(
  option: string,
  group: string,
  base: string,
  now: ReadonlySet<string>,
  wanted: readonly string[],
): Argv[] {
  const surplus = [...now].filter(one => !wanted.includes(one))
  const missing = wanted.filter(one => !now.has(one))
  return [
    ...(surplus.length > 0 ? [[zfs, 'unallow', option, '-g', group, surplus.join(','), base]] : []),
    ...(missing.length > 0 ? [[zfs, 'allow', option, '-g', group, missing.join(','), base]] : []),
  ]
}

const isSame = (now: ReadonlySet<string>, wanted: readonly string[]): boolean =>
  now.size === wanted.length && wanted.every(one => now.has(one))
