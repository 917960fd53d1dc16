import { chmod, mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type IdMap, rootOf, runOnFiles } from './id-map.ts'
import { scriptText, share } from './scripts.ts'

/** Where all disks of a lab lie, told by the directory of one: disks are two levels below. */
export const disksRoot = (directory: string): string => resolve(directory, '../..')

/** Path of a disk below {@link disksRoot}; relative, since a guest's root need not be able to reach what is above. */
export const fromRoot = (directory: string): string => directory.slice(disksRoot(directory).length + 1)

const making = new Map<string, Promise<void>>()

/**
 * Makes what guests share, once per lab and mapping, about a second: returns its path below the root of the disks. The
 * machine has to have its programs below /usr, as Debian has since version 12.
 */
export async function ensureBase(root: string, map: IdMap): Promise<string> {
  const name = `.base/${map.kind}`
  const directory = join(root, name)
  const pending = making.get(directory) ?? makeBase(directory, map)
  making.set(directory, pending)
  try {
    await pending
  } finally {
    making.delete(directory)
  }
  return `${name}/done`
}

async function makeBase(directory: string, map: IdMap): Promise<void> {
  if (await exists(join(directory, 'done'))) return
  await mkdir(directory, { recursive: true })
  for (const path of [resolve(directory, '..'), directory]) await chmod(path, 0o755)
  const { uid, gid } = rootOf(map)
  const owner = map.kind === 'root' ? `${uid}:${gid}` : '-'
  await runOnFiles(map, ['env', `OWNER=${owner}`, `SHARE=${share}`, 'sh', '-c', scriptText('base.sh')], directory)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
