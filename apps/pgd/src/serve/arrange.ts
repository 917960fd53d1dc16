import { chmod, lstat, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { layoutBelow } from './layout.ts'

/** Where others have PGDATA in what is a volume here: Debian, images of PostgreSQL before and since version 18. */
const places = ['', 'data', 'pgdata', ...[13, 14, 15, 16, 17, 18].flatMap(one => [`${one}/main`, `${one}/docker`])]

/** What a file system has at its root by itself. */
const ofFileSystem = new Set(['.zfs', 'lost+found'])

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** The data directory somewhere below a path; undefined where there is none, or more than one. */
export async function dataBelow(path: string): Promise<string | undefined> {
  const found: string[] = []
  for (const place of places) if (await isThere(join(path, place, 'PG_VERSION'))) found.push(join(path, place))
  return found.length === 1 ? found[0] : undefined
}

/** Moves the data directory of a volume to where its server looks for it; one that was interrupted goes on. */
export async function arrange(volume: string): Promise<void> {
  const from = await dataBelow(volume)
  const { data } = layoutBelow(volume)
  if (from === undefined) throw new TypeError('a volume without data')
  if (from === volume) {
    await mkdir(data, { recursive: true, mode: 0o700 })
    // By that file it is found, so it goes last.
    const names = (await readdir(volume)).filter(name => name !== 'PG_VERSION' && name !== 'data')
    for (const name of [...names.filter(name => !ofFileSystem.has(name)), 'PG_VERSION']) {
      await rename(join(volume, name), join(data, name))
    }
  } else if (from !== data) await rename(from, data)
  await chmod(data, 0o700)
}
