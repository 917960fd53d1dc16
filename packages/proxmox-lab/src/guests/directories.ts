import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packDisks, unpackDisks } from './archive.ts'
import type { ExecOptions, ExecResult, GuestRuntime, GuestView, Mount, Shell } from './runtime.ts'

/** Stands for what a program in a guest would do. */
export type ExecHandler = (guest: GuestView, argv: readonly string[], options: ExecOptions) => Promise<ExecResult>

/**
 * Guests that are plain directories. Nothing runs: exec refuses, unless a test says what a program answers. The account
 * of this process owns every file.
 */
export function directoriesRuntime(options: { readonly exec?: ExecHandler } = {}): GuestRuntime {
  const running = new Set<number>()
  return {
    name: 'directories',
    async unpack(template, directory) {
      for (const path of ['etc', 'opt', 'root', 'run', 'tmp', 'usr/bin', 'var/lib', 'var/log'])
        await mkdir(join(directory, path), { recursive: true })
      const [id = 'linux'] = template.split('-')
      await writeFile(join(directory, 'etc/os-release'), `ID=${id}\nPRETTY_NAME="${template}"\n`)
    },
    async makeVolume() {},
    copy: copyTree,
    remove: async directory => rm(directory, { recursive: true, force: true }),
    pack: (mounts, file) => packDisks(runPlain, mounts, file),
    unpackArchive: (file, mounts) => unpackDisks(runPlain, file, mounts),
    async start(guest) {
      running.add(guest.vmid)
      return process.pid
    },
    async stop(vmid) {
      running.delete(vmid)
    },
    isRunning: vmid => running.has(vmid),
    async exec(guest, argv, given = {}) {
      if (!running.has(guest.vmid)) throw new Error(`container '${guest.vmid}' not running!`)
      if (options.exec !== undefined) return options.exec(guest, argv, given)
      throw new Error('guests of this lab are plain directories: nothing can be run in them')
    },
    async push(guest, path, bytes, { mode = 0o644 } = {}) {
      const target = pathIn(guest, path)
      await stat(dirname(target))
      await writeFile(target, bytes, { mode })
      await chmod(target, mode)
    },
    async addresses(guest) {
      return guest.cards.map(card => ({
        name: card.name,
        hwaddr: card.hwaddr,
        inet: card.address ?? `127.0.0.1/8`,
      }))
    },
    async shell(): Promise<Shell> {
      throw new Error('guests of this lab are plain directories: they have no console')
    },
    async close() {
      running.clear()
    },
  }
}

/** Where a path of the guest lies on the machine: in the disk whose mount path is the longest that holds it. */
export function pathIn(guest: GuestView, path: string): string {
  const clean = join('/', path)
  const holds = ({ path: at }: Mount): boolean => at === '/' || clean === at || clean.startsWith(`${at}/`)
  const mount = guest.mounts.filter(holds).sort((a, b) => b.path.length - a.path.length)[0]
  if (mount === undefined) throw new Error(`container '${guest.vmid}' has no root file system`)
  return join(mount.directory, clean.slice(mount.path === '/' ? 0 : mount.path.length))
}

/** Copies a tree, links as links. */
export async function copyTree(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, force: true })
}

const runPlain = ([program = '', ...args]: readonly string[]): Promise<unknown> => promisify(execFile)(program, args)
