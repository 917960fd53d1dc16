import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connect } from '../../../apps/pgd/src/postgres/connect.ts'
import { serverSettings } from '../../../apps/pgd/src/postgres/settings.ts'
import { thisAccount } from '../../../apps/pgd/src/runtime/docker/account.ts'
import { openEngine } from '../../../apps/pgd/src/runtime/docker/engine.ts'
import { containerLayout } from '../../../apps/pgd/src/runtime/docker/layout.ts'
import { serverOptions } from '../../../apps/pgd/src/runtime/docker/options.ts'
import { layoutBelow } from '../../../apps/pgd/src/serve/layout.ts'
import { timed } from '../statistics.ts'

/** Milliseconds of each step of a floor, by its name. */
export type Steps = Readonly<Record<string, number>>

/** The steps of a new branch without pgd: the same commands, each by itself. */
export interface Bare {
  /** Makes a copy of the volume at `from`; gives where it is. */
  copy(from: string): Promise<{ readonly volume: string; readonly steps: Steps }>
  remove(): Promise<void>
}

/** Runs a command as root, and gives the milliseconds that it took there. */
export type AsRoot = (...argv: readonly string[]) => Promise<number>

const run = promisify(execFile)

/** `zfs snapshot`, `zfs clone` and `zfs mount` by root, of a project's first branch. */
export function bareZfs(asRoot: AsRoot, project: string): Bare {
  const base = `bench/pgd/databases/${project}`
  const zfs = (...words: readonly string[]) => asRoot('/usr/sbin/zfs', ...words)
  // User-space ZFS calls a dataset busy for a moment after it was in use.
  const patiently = (words: string) => asRoot('/bin/sh', '-c', `until ${words} 2>/dev/null; do sleep 0.05; done`)
  return {
    copy: async () => {
      const snapshot = await zfs('snapshot', `${base}/main@bare`)
      const clone = await zfs('clone', '-o', 'canmount=noauto', `${base}/main@bare`, `${base}/bare`)
      // It is mounted by now, since user-space ZFS mounts what root clones, canmount or not.
      await patiently(`zfs unmount ${base}/bare`)
      const mount = await zfs('mount', `${base}/bare`)
      return { volume: `/${base}/bare`, steps: { snapshot, clone, mount } }
    },
    remove: async () => {
      await patiently(`zfs destroy ${base}/bare`)
      await zfs('destroy', `${base}/main@bare`)
    },
  }
}

/** `cp`, which shares blocks where the file system can, and `sync`. */
export function bareCopy(place: string): Bare {
  const volume = join(place, 'bare')
  return {
    copy: async from => {
      const copy = await timed(async () => {
        await run('cp', ['--archive', '--reflink=auto', from, volume])
        await run('sync', ['--file-system', volume])
      })
      return { volume, steps: { copy } }
    },
    remove: async () => rmSync(volume, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** A server on a copy: how long until it answered a query, and what ends it as a reset does. */
export interface Started {
  readonly start: number
  /** Resolves to the milliseconds that a fast shutdown took. */
  stop(): Promise<number>
}

/** PostgreSQL's own program with the settings that a branch has. */
export async function startProcess(volume: string, version: number, port: number): Promise<Started> {
  const layout = cleared(volume)
  const settings = serverSettings({ layout, version, runtime: 'process', title: 'bare', port })
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const began = performance.now()
  const program = `/usr/lib/postgresql/${version}/bin/postgres`
  const child = spawn(program, ['-D', layout.data, ...words], { stdio: 'ignore', env: { LC_ALL: 'C' }, cwd: '/' })
  const ended = once(child, 'exit')
  await untilAnswer(layout.run)
  const start = performance.now() - began
  const stop = () =>
    timed(async () => {
      child.kill('SIGINT')
      await ended
    })
  return { start, stop }
}

/** A container with the options that a branch has. */
export async function startContainer(volume: string, version: number, port: number): Promise<Started> {
  const { run: socket } = cleared(volume)
  const engine = await openEngine('/var/run/docker.sock')
  const settings = serverSettings({ layout: containerLayout, version, runtime: 'docker', title: 'bare', port: 5432 })
  const kind = { image: `postgres:${version}`, version }
  const spec = { key: 'bare.1', project: 'bench', branch: 'bare', kind, volume, port, settings, reads: [] }
  const options = serverOptions(spec, await thisAccount(process.env), engine.traits)
  const began = performance.now()
  const id = await engine.create({ ...options, Labels: {} })
  await engine.start(id)
  await untilAnswer(socket)
  const start = performance.now() - began
  const stop = async () => {
    const stopped = await timed(() => engine.stop(id, 10))
    await engine.remove(id)
    return stopped
  }
  return { start, stop }
}

/** Makes a copy of a running server's volume one that can be started. */
function cleared(volume: string): ReturnType<typeof layoutBelow> {
  const layout = layoutBelow(volume)
  for (const path of [layout.run, layout.wal, join(layout.data, 'postmaster.pid')])
    rmSync(path, { recursive: true, force: true })
  for (const path of [layout.run, layout.wal]) mkdirSync(path, { mode: 0o700 })
  return layout
}

async function untilAnswer(socket: string): Promise<void> {
  for (;;) {
    try {
      const session = await connect({ run: socket })
      await session.query('SELECT 1')
      await session.end()
      return
    } catch {
      await delay(4)
    }
  }
}
