import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packDisks, unpackDisks } from './archive.ts'
import { disksRoot, ensureBase, fromRoot } from './base.ts'
import { collect, pushBy, shellBy } from './exec.ts'
import { idMap, rootOf, runOnFiles, spawnMapped, untilLine } from './id-map.ts'
import type { GuestRuntime, GuestView } from './runtime.ts'
import { scriptText } from './scripts.ts'

interface Running {
  readonly child: ChildProcess
  /** Process id of the guest's init on the machine. */
  readonly init: number
}

/**
 * Containers of namespaces, for an ordinary user where the kernel permits it, and for root. They see the machine's /usr
 * below their own changes and share its network, so a server in them is reached on 127.0.0.1; they end with the lab.
 * `templates` gives archives (tar) for templates by file name; without one, those of Debian are made of the machine's
 * own files.
 */
export function namespacesRuntime(
  options: { readonly templates?: Readonly<Record<string, string>> } = {},
): GuestRuntime {
  const map = idMap()
  const running = new Map<number, Running>()
  const files = (argv: readonly string[], cwd?: string): Promise<string> => runOnFiles(map, argv, cwd)
  const owned = async (...paths: string[]): Promise<void> => {
    const { uid, gid } = rootOf(map)
    if (map.kind === 'root') await files(['chown', `${uid}:${gid}`, ...paths])
  }
  const enter = (guest: GuestView): string[] => {
    const found = running.get(guest.vmid)
    if (found === undefined) throw new Error(`container '${guest.vmid}' not running!`)
    return nsenter(found.init, map.kind === 'single')
  }
  return {
    name: 'namespaces',
    async unpack(template, directory) {
      const archive = options.templates?.[template]
      if (archive === undefined && !template.startsWith('debian-'))
        throw new Error(`this lab has no root file system for '${template}'`)
      const parts = archive === undefined ? ['root', 'usr'] : ['root']
      for (const part of parts) await mkdir(join(directory, part), { mode: 0o755 })
      await owned(directory, ...parts.map(part => join(directory, part)))
      if (archive === undefined) await ensureBase(disksRoot(directory), map)
      else await files(['tar', '-xpf', archive, '--numeric-owner', '-C', join(directory, 'root')])
    },
    makeVolume: directory => owned(directory),
    copy: async (from, to) => void (await files(['cp', '-a', `${from}/.`, to])),
    remove: async directory => void (await files(['rm', '-rf', '--', directory])),
    pack: (mounts, file) => packDisks(files, mounts, file),
    unpackArchive: async (file, mounts) => {
      await unpackDisks(files, file, mounts)
      for (const { directory } of mounts) await ensureBase(disksRoot(directory), map)
    },
    async start(guest) {
      const [rootfs, ...others] = guest.mounts
      if (rootfs === undefined) throw new Error(`container '${guest.vmid}' has no root file system`)
      const root = disksRoot(rootfs.directory)
      const place = `.run/${guest.vmid}`
      await files(['rm', '-rf', '--', place], root)
      for (const part of ['root', 'work-root', 'work-usr']) {
        await mkdir(join(root, place, part), { recursive: true, mode: 0o755 })
        await owned(join(root, place, part))
      }
      const isBased =
        (await files(['sh', '-c', 'if [ -e "$1" ]; then echo yes; fi', 'sh', join(rootfs.directory, 'usr')])) !== ''
      const base = isBased ? await ensureBase(root, map) : '-'
      const disks = others.flatMap(({ directory, path, isReadOnly }) => [
        fromRoot(directory),
        path,
        isReadOnly ? 'ro' : 'rw',
      ])
      const setup = [
        'sh',
        '-c',
        scriptText('setup.sh'),
        'setup',
        place,
        fromRoot(rootfs.directory),
        base,
        guest.hostname,
        ...disks,
      ]
      const isolate = [
        'unshare',
        '--mount',
        '--uts',
        '--ipc',
        '--pid',
        '--fork',
        '--kill-child',
        '--propagation',
        'private',
      ]
      const child = await spawnMapped(map, ['env', `INIT=${scriptText('init.sh')}`, ...isolate, '--', ...setup], {
        cwd: root,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      await untilLine(child, 'ready')
      const init = childOf(child.pid ?? 0)
      running.set(guest.vmid, { child, init })
      child.once('close', () => running.delete(guest.vmid))
      return init
    },
    async stop(vmid) {
      const found = running.get(vmid)
      if (found === undefined) return
      found.child.stdin?.end()
      const last = setTimeout(() => found.child.kill('SIGKILL'), 5000)
      await once(found.child, 'close')
      clearTimeout(last)
    },
    isRunning: vmid => running.has(vmid),
    exec: async (guest, argv, given = {}) => collect([...enter(guest), ...argv], given),
    push: (guest, path, bytes, given = {}) => pushBy(argv => [...enter(guest), ...argv], path, bytes, given),
    addresses: async guest => guest.cards.map(({ name, hwaddr }) => ({ name, hwaddr, inet: '127.0.0.1/8' })),
    shell: async (guest, columns, rows) => shellBy(argv => [...enter(guest), ...argv], columns, rows),
    async close() {
      await Promise.all([...running.keys()].map(vmid => this.stop(vmid)))
    },
  }
}

/** Enters all namespaces of a guest. With one mapped account there is nothing to become, and groups cannot be set. */
const nsenter = (pid: number, isSingle: boolean): string[] => [
  'nsenter',
  ...['--target', String(pid), '--user', '--mount', '--uts', '--ipc', '--pid', '--root', '--wd'],
  ...(isSingle ? ['--preserve-credentials'] : ['--setuid', '0', '--setgid', '0']),
  '--',
]

/** The only child of a process. */
function childOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  if (child === undefined || child === '') throw new Error('the guest has ended')
  return Number(child)
}

/** Says why this machine cannot make such containers, by trying; undefined when it can. Takes about 50 ms. */
export async function namespacesMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'namespaces are a thing of Linux'
  const directory = mkdtempSync(join(tmpdir(), 'proxmox-lab-try-'))
  const script = `set -e
    mkdir a b c d e
    mount -t overlay overlay -o lowerdir=a:/usr,upperdir=b,workdir=c,userxattr d
    mount -t proc proc e`
  try {
    const map = idMap()
    chmodSync(directory, 0o777)
    const argv = ['unshare', '--mount', '--pid', '--fork', '--propagation', 'private', 'sh', '-c', script]
    const child = await spawnMapped(map, argv, { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] })
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    child.stdout?.resume()
    child.stdin?.end()
    const [status] = await once(child, 'close')
    return status === 0 ? undefined : `containers of namespaces cannot be made here: ${complaint.trim().split('\n')[0]}`
  } catch (error) {
    return `containers of namespaces cannot be made here: ${(error as Error).message}`
  } finally {
    await runOnFiles(idMap(), ['rm', '-rf', '--', directory]).catch(() => undefined)
  }
}
