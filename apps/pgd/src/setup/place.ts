import { dirname } from 'node:path'
import { PgdError } from '../errors/error.ts'
import type { Step } from './step.ts'
import type { System } from './system.ts'
import type { Wish } from './wish.ts'

/**
 * The directory below which databases are mounted. All on the way is root's alone, else others could lead root's mount
 * elsewhere. Throws `PGD_FOREIGN` for what is not so.
 */
export async function placeStep(system: System, { mountRoot, mountpoint }: Wish): Promise<Step> {
  const way = ancestors(mountpoint)
  for (const path of way) {
    const found = await system.look(path)
    if (found === undefined) break
    const isRoots = found.uid === 0 && (found.mode & 0o022) === 0
    // A mode of its own is no obstacle for what the step itself makes so.
    if (!found.isDirectory() || !isRoots) {
      const what = found.isDirectory() ? 'may be changed by others than root' : 'is no directory'
      throw new PgdError('PGD_FOREIGN', `${path} ${what}`, {
        field: 'mount-root',
        hint: 'Correct it, or choose another place: --mount-root /PATH',
      })
    }
  }
  return {
    title: `the directory ${mountRoot}`,
    why: "of root alone, so that nobody leads root's mounts elsewhere by a link",
    commands: [['/usr/bin/install', '-d', '-o', 'root', '-g', 'root', '-m', '0755', mountRoot]],
    isDone: async () => {
      const found = await system.look(mountRoot)
      return found?.isDirectory() === true && found.uid === 0 && (found.mode & 0o7777) === 0o755
    },
  }
}

/** The directory and all above it, the root first. */
function ancestors(path: string): readonly string[] {
  return path === '/' ? ['/'] : [...ancestors(dirname(path)), path]
}
