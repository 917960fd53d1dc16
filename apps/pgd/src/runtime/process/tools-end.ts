import { readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { holderOf } from '../../locks/holder.ts'
import { endNow } from './end.ts'
import type { Programs } from './programs.ts'

/**
 * Ends programs of PostgreSQL that work in a volume. Each was started there, and so were those that it starts itself; none
 * is found where the system does not tell.
 */
export async function endToolsIn(volume: string, programs: readonly Programs[]): Promise<void> {
  // A directory of programs may hold links.
  const directories = programs.map(({ bin }) => dirname(realOf(join(bin, 'postgres'))))
  // Those that it starts may come while it is being ended.
  for (let found = toolsIn(volume, directories); found.length > 0; found = toolsIn(volume, directories)) {
    for (const pid of found) {
      const holder = holderOf(pid)
      if (holder !== undefined) await endNow(holder)
    }
  }
}

function toolsIn(volume: string, directories: readonly string[]): number[] {
  const place = realOf(volume)
  return namesIn('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      const at = linkOf(`/proc/${name}/cwd`)
      if (at !== place && !at.startsWith(`${place}/`)) return false
      return directories.includes(dirname(linkOf(`/proc/${name}/exe`))) && holderOf(Number(name)) !== undefined
    })
    .map(Number)
}

const namesIn = (path: string): string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Empty where there is none, or it may not be seen. */
const linkOf = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

const realOf = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
