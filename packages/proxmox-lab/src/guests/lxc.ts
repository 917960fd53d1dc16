import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { packDisks, unpackDisks } from './archive.ts'
import { disksRoot, ensureBase } from './base.ts'
import { collect, pushBy, shellBy } from './exec.ts'
import { idMap, rootOf, runOnFiles } from './id-map.ts'
import type { Address, Card, GuestRuntime, GuestView } from './runtime.ts'
import { scriptText } from './scripts.ts'

const run = promisify(execFile)

/** Where LXC, and with it `pct`, looks for containers. */
const containers = '/var/lib/lxc'

/** Addresses of the bridge that containers are on: the machine has the first one. */
const network = '10.104.0'

/**
 * Unprivileged containers of LXC, for root: `pct exec` and `pct push` find them. They see the machine's /usr below their
 * own changes, and have a network card each on a bridge that the runtime makes where it is missing. `templates` gives
 * archives (tar) with whole root file systems, by file name of the template; these start their own init.
 */
export function lxcRuntime(options: { readonly templates?: Readonly<Record<string, string>> } = {}): GuestRuntime {
  const map = idMap()
  const started = new Map<number, string>()
  const files = (argv: readonly string[], cwd?: string): Promise<string> => runOnFiles(map, argv, cwd)
  const { uid, gid } = rootOf(map)
  const owned = async (...paths: string[]): Promise<void> => void (await files(['chown', `${uid}:${gid}`, ...paths]))
  const enter =
    (guest: GuestView) =>
    (argv: readonly string[]): string[] => {
      if (!isUp(guest.vmid)) throw new Error(`container '${guest.vmid}' not running!`)
      return ['lxc-attach', '-n', String(guest.vmid), '--keep-env', '--', ...argv]
    }
  const stop = async (vmid: number): Promise<void> => {
    if (isUp(vmid)) await run('lxc-stop', ['-n', String(vmid), '--timeout', '4']).catch(() => undefined)
    if (isUp(vmid)) await run('lxc-stop', ['-n', String(vmid), '--kill']).catch(() => undefined)
    const place = started.get(vmid) ?? placeIn(vmid)
    started.delete(vmid)
    if (place !== undefined) for (const part of ['root/usr', 'root']) await unmount(join(place, part))
  }
  return {
    name: 'lxc',
    async unpack(template, directory) {
      const archive = options.templates?.[template]
      if (archive !== undefined) {
        await mkdir(join(directory, 'root'), { mode: 0o755 })
        await owned(directory, join(directory, 'root'))
        // Owners are shifted as those of every unprivileged container; the archive is opened by root, outside of that.
        const shift = 'exec lxc-usernsexec -m u:0:100000:65536 -m g:0:100000:65536 --'
        const tar = "tar -xf - --numeric-owner '--exclude=./dev/*' -C"
        await run('sh', ['-c', `${shift} ${tar} "$1" <"$2"`, 'sh', join(directory, 'root'), archive])
        return
      }
      if (!template.startsWith('debian-')) throw new Error(`this lab has no root file system for '${template}'`)
      for (const part of ['root', 'usr']) await mkdir(join(directory, part), { mode: 0o755 })
      await owned(directory, join(directory, 'root'), join(directory, 'usr'))
      await ensureBase(disksRoot(directory), map)
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
      const [rootfs] = guest.mounts
      if (rootfs === undefined) throw new Error(`container '${guest.vmid}' has no root file system`)
      const root = disksRoot(rootfs.directory)
      const place = join(root, '.run', String(guest.vmid))
      await stop(guest.vmid)
      await rm(place, { recursive: true, force: true })
      for (const part of ['root', 'work-root', 'work-usr']) await mkdir(join(place, part), { recursive: true })
      await owned(...['root', 'work-root', 'work-usr'].map(part => join(place, part)))
      const isWhole = !existsSync(join(rootfs.directory, 'usr'))
      if (isWhole) await run('mount', ['--bind', join(rootfs.directory, 'root'), join(place, 'root')])
      else await overlays(join(root, await ensureBase(root, map)), rootfs.directory, place)
      started.set(guest.vmid, place)
      try {
        await bridge(guest.cards)
        await prepare(guest, place, isWhole, owned)
        const log = join(place, 'log')
        await run('lxc-start', ['-n', String(guest.vmid), '-o', log, '-l', 'INFO']).catch(async error => {
          const text = existsSync(log) ? readFileSync(log, 'utf8') : String(error)
          throw new Error(
            `lxc-start: ${text
              .split('\n')
              .filter(line => / ERROR /.test(line))
              .join('; ')
              .slice(0, 1000)}`,
          )
        })
        return await initOf(guest.vmid)
      } catch (error) {
        await stop(guest.vmid)
        throw error
      }
    },
    stop,
    isRunning: isUp,
    exec: async (guest, argv, given = {}) => collect(enter(guest)(argv), given),
    push: async (guest, path, bytes, given = {}) => pushBy(enter(guest), path, bytes, given),
    addresses: async guest => addressesOf(enter(guest)),
    shell: async (guest, columns, rows) => shellBy(enter(guest), columns, rows),
    async close() {
      for (const vmid of [...started.keys()]) await stop(vmid)
    },
  }
}

/** Whether a container runs: its command socket is there. The socket's name is abstract. */
const isUp = (vmid: number): boolean =>
  readFileSync('/proc/net/unix', 'utf8').includes(`@${containers}/${vmid}/command\n`)

/** Where an earlier lab put the container's mounts. */
function placeIn(vmid: number): string | undefined {
  const file = join(containers, String(vmid), 'config')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return /^lxc\.rootfs\.path = dir:(.*)\/root$/m.exec(text)?.[1]
}

async function initOf(vmid: number): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const { stdout } = await run('lxc-info', ['-n', String(vmid), '-pH'])
    if (Number(stdout) > 0) return Number(stdout)
    await sleep(100)
  }
  throw new Error(`container '${vmid}' has ended`)
}

/** The machine's own files below the changes of a guest. */
async function overlays(base: string, disk: string, place: string): Promise<void> {
  await overlay(join(base, 'root'), join(disk, 'root'), join(place, 'work-root'), join(place, 'root'))
  await overlay(`${join(base, 'usr')}:/usr`, join(disk, 'usr'), join(place, 'work-usr'), join(place, 'root/usr'))
}

async function overlay(lower: string, upper: string, work: string, target: string): Promise<void> {
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`
  await run('mount', ['-t', 'overlay', '-o', layers, 'overlay', target])
}

const unmount = (path: string): Promise<unknown> => run('umount', ['-l', path]).catch(() => undefined)

/** Makes the bridges of a guest's cards, with the machine's address on each. */
async function bridge(cards: readonly Card[]): Promise<void> {
  for (const name of new Set(cards.flatMap(card => card.bridge ?? []))) {
    if (spawnSync('ip', ['link', 'show', name], { stdio: 'ignore' }).status === 0) continue
    await run('ip', ['link', 'add', name, 'type', 'bridge'])
    await run('ip', ['address', 'add', `${network}.1/16`, 'dev', name])
    await run('ip', ['link', 'set', name, 'up'])
  }
}

/** Address of a card that asks for one: from the id, so that it stays. */
const addressOf = (vmid: number): string => `10.104.${Math.floor(vmid / 250) % 250}.${(vmid % 250) + 2}/16`

async function prepare(
  guest: GuestView,
  place: string,
  isWhole: boolean,
  owned: (...paths: string[]) => Promise<void>,
): Promise<void> {
  const directory = join(containers, String(guest.vmid))
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const root = join(place, 'root')
  await writeFile(join(root, 'lab-init'), scriptText('init.sh'))
  await writeFile(join(root, 'etc/hostname'), `${guest.hostname}\n`)
  await owned(join(root, 'lab-init'), join(root, 'etc/hostname'))
  const lines = [
    `lxc.uts.name = ${guest.hostname}`,
    `lxc.rootfs.path = dir:${root}`,
    ...(isWhole ? ['lxc.include = /usr/share/lxc/config/common.conf'] : ['lxc.init.cmd = /bin/sh /lab-init stay']),
    'lxc.idmap = u 0 100000 65536',
    'lxc.idmap = g 0 100000 65536',
    'lxc.apparmor.profile = unconfined',
    'lxc.mount.auto = cgroup:mixed proc:mixed sys:mixed',
    'lxc.tty.max = 1',
    'lxc.pty.max = 64',
    'lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio',
    'lxc.signal.halt = SIGTERM',
    'lxc.mount.entry = tmpfs run tmpfs mode=755,create=dir 0 0',
    ...guest.mounts.slice(1).map(({ directory: disk, path, isReadOnly }) => mountEntry(disk, path, isReadOnly)),
    ...guest.cards.flatMap((card, index) => cardLines(guest.vmid, card, index)),
  ]
  if (guest.cards.length === 0) lines.push('lxc.net.0.type = empty')
  await writeFile(join(directory, 'config'), `${lines.join('\n')}\n`)
}

const mountEntry = (disk: string, path: string, isReadOnly: boolean): string =>
  `lxc.mount.entry = ${disk.replaceAll(' ', '\\040')} ${path.slice(1).replaceAll(' ', '\\040')} none bind,create=dir${isReadOnly ? ',ro' : ''} 0 0`

function cardLines(vmid: number, card: Card, index: number): string[] {
  const at = `lxc.net.${index}`
  return [
    `${at}.type = veth`,
    `${at}.veth.pair = veth${vmid}i${index}`,
    ...(card.bridge === undefined ? [] : [`${at}.link = ${card.bridge}`]),
    `${at}.name = ${card.name}`,
    `${at}.hwaddr = ${card.hwaddr}`,
    `${at}.flags = up`,
    `${at}.ipv4.address = ${card.address ?? addressOf(vmid)}`,
    ...(card.gateway === undefined ? [] : [`${at}.ipv4.gateway = ${card.gateway}`]),
  ]
}

async function addressesOf(enter: (argv: readonly string[]) => string[]): Promise<readonly Address[]> {
  const { stdout } = await collect(enter(['ip', '-j', 'address']), {})
  const found = JSON.parse(stdout.toString() || '[]') as readonly {
    readonly ifname: string
    readonly address?: string
    readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[]
  }[]
  return found
    .filter(({ ifname }) => ifname !== 'lo')
    .map(({ ifname, address = '', addr_info }) => {
      const of = (family: string): string | undefined => {
        const info = addr_info.find(entry => entry.family === family)
        return info === undefined ? undefined : `${info.local}/${info.prefixlen}`
      }
      const [inet, inet6] = [of('inet'), of('inet6')]
      return { name: ifname, hwaddr: address, ...(inet && { inet }), ...(inet6 && { inet6 }) }
    })
}
