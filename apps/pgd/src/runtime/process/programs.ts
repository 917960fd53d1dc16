import { execFile } from 'node:child_process'
import { access, constants, readdir, realpath } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { embeddedPrograms } from './embedded.ts'

/** Programs of one PostgreSQL: a directory with `postgres`, `initdb` and, mostly, its clients. */
export interface Programs {
  /** Major version. */
  readonly version: number
  readonly bin: string
  /** Puts them there, where they are not yet. */
  readonly keep?: () => Promise<void>
}

/** Where packages put them, each in a directory per version: Debian, Red Hat, Homebrew, Postgres.app. */
const places = [
  { parent: '/usr/lib/postgresql', name: /^\d+$/ },
  { parent: '/usr', name: /^pgsql-\d+$/ },
  { parent: '/opt/homebrew/opt', name: /^postgresql@\d+$/ },
  { parent: '/usr/local/opt', name: /^postgresql@\d+$/ },
  { parent: '/Applications/Postgres.app/Contents/Versions', name: /^\d+$/ },
]

/** A package's directory tells the version, which saves running a program at each call. */
const ofPackage = /^(?:\/usr\/lib\/postgresql\/|\/usr\/pgsql-|.*\/postgresql@|.*\/Postgres\.app\/.*\/)(\d+)\/bin$/

/**
 * Finds programs of PostgreSQL, the preferred ones first: the directory that `PGD_POSTGRES` names and no other if that is
 * set; else those of packages and of `PATH`, the newest version first, and after them those of npm, which have no clients.
 */
export async function findPrograms(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly Programs[]> {
  const wished = env.PGD_POSTGRES
  const directories = wished === undefined ? await known(env) : [wished]
  const real = (await Promise.all(directories.map(realPlace))).filter(bin => bin !== undefined)
  const found = await Promise.all([...new Set(real)].map(programsIn))
  const own = found.filter(one => one !== undefined).sort((a, b) => b.version - a.version)
  return wished === undefined ? [...own, ...(await embeddedPrograms(env))] : own
}

async function known(env: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const packaged = await Promise.all(
    places.map(async ({ parent, name }) => {
      const names = await readdir(parent).catch(() => [])
      return names.filter(one => name.test(one)).map(one => join(parent, one, 'bin'))
    }),
  )
  const searched = (env.PATH ?? '').split(delimiter).filter(isAbsolute)
  return [...packaged.flat(), ...searched]
}

/** Where the programs of a directory are: those of `PATH` may be links to a package's. Undefined where there are none. */
async function realPlace(bin: string): Promise<string | undefined> {
  const names = ['postgres', 'initdb'].map(name => realpath(join(bin, name)).catch(() => undefined))
  const [postgres, initdb] = await Promise.all(names)
  if (postgres === undefined || initdb === undefined) return undefined
  return dirname(postgres) === dirname(initdb) ? dirname(postgres) : bin
}

/** What a directory has; undefined where it lacks what a server needs, or its version cannot be told. */
async function programsIn(bin: string): Promise<Programs | undefined> {
  const needed = ['postgres', 'initdb'].map(name => canRun(join(bin, name)))
  if ((await Promise.all(needed)).includes(false)) return undefined
  const [, told] = ofPackage.exec(bin) ?? []
  if (told !== undefined) return { version: Number(told), bin }
  try {
    const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--version'], { timeout: 10_000 })
    const [, version] = /^postgres \(PostgreSQL\) (\d+)/.exec(stdout) ?? []
    return version === undefined ? undefined : { version: Number(version), bin }
  } catch {
    return undefined
  }
}

/** Whether a file is a program that this account may run. */
export const canRun = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
