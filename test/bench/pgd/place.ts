import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pgd as PgdClass } from '../../../apps/pgd/src/pgd.ts'
import { imageVersion } from '../../host/docker.ts'
import type { Bare, Started } from './bare.ts'

/** A kind of storage and runtime, and what it is compared with. */
export interface Place {
  readonly title: string
  readonly store: string
  readonly runtime: 'process' | 'docker'
  readonly project: string
  readonly bare: Bare
  readonly startBare: (volume: string, version: number, port: number) => Promise<Started>
  /** Milliseconds that a branch may take. */
  readonly atMost: number
}

/** A place with a project in it, whose first branch runs. */
export interface OpenPlace extends Place {
  readonly version: number
  /** Directory of the first branch's files. */
  readonly volume: string
  /** Runs the published command. */
  cli(...args: readonly string[]): Promise<void>
  /** The published library. */
  readonly pgd: PgdClass
  close(): Promise<void>
}

const dist = join(import.meta.dirname, '../../../apps/pgd/dist')
const run = promisify(execFile)

/** Environment of the command at a place. */
export const environmentOf = ({ store, runtime }: Pick<Place, 'store' | 'runtime'>) => ({
  HOME: process.env.HOME ?? '',
  PATH: process.env.PATH ?? '',
  PGD_STORE: store,
  PGD_RUNTIME: runtime,
})

/** Runs the published command at a place; rejects with its words when it fails. */
export async function command(place: Pick<Place, 'store' | 'runtime'>, ...args: readonly string[]): Promise<void> {
  await run(process.execPath, [join(dist, 'cli/main.js'), ...args, '--json', '--yes'], { env: environmentOf(place) })
}

/** Makes the project of a place. */
export async function open(place: Place): Promise<OpenPlace> {
  const { Pgd } = (await import(join(dist, 'index.js'))) as { Pgd: typeof PgdClass }
  const pgd = await Pgd.open({ store: place.store, runtime: place.runtime, env: environmentOf(place) })
  const { version } = await pgd.projects.create(place.project, { version: imageVersion() })
  return {
    ...place,
    version,
    volume: volumeOf(place),
    cli: (...args) => command(place, ...args),
    pgd,
    close: () => pgd.projects.delete(place.project),
  }
}

const volumeOf = ({ store, project }: Place): string => {
  const [kind, where = ''] = store.split(':')
  return kind === 'zfs' ? `/${where}/${project}/main` : join(where, project, 'main/volume')
}
