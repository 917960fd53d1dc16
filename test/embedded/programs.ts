import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EmbeddedHost } from './host.ts'

/** How a stand-in ended. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const end = (exitCode: number, stdout = '', stderr = ''): Ended => ({ exitCode, stdout, stderr })

/** Runs an argv of the catalogue: takes the wrapper off, and does on directories what the program would do. */
export function runStandIn(host: EmbeddedHost, argv: readonly string[]): Ended {
  const [program, verb = '', ...rest] = argv.slice(argv.indexOf('--') + 1)
  if (program === '/usr/sbin/pct' && verb === 'exec') return pctExec(host, rest)
  if (program === '/usr/sbin/pct' && verb === 'push') return pctPush(host, rest)
  if (program === '/usr/sbin/zfs') return zfs(host, verb, rest[0] ?? '')
  return end(127, '', `nsenter: failed to execute ${program}: No such file or directory\n`)
}

/** `exec <vmid> --keep-env 0 -- /usr/bin/env NAME=VALUE program args...`, with a few programs of its own. */
function pctExec(host: EmbeddedHost, args: readonly string[]): Ended {
  const [vmid = ''] = args
  const root = host.container(vmid)
  if (root === undefined) return end(2, '', `Configuration file 'nodes/pve/lxc/${vmid}.conf' does not exist\n`)
  const [name = '', ...operands] = args.slice(args.indexOf('--') + 3)
  const program = programs[name]
  if (program === undefined) return end(127, '', `env: can't execute '${name}': No such file or directory\n`)
  return program(root, operands)
}

const programs: Readonly<Record<string, (root: string, operands: readonly string[]) => Ended>> = {
  hostname: root => end(0, readFileSync(join(root, 'etc/hostname'), 'utf8')),
  echo: (_root, words) => end(0, `${words.join(' ')}\n`),
  cat: (root, [file = '']) => {
    const place = join(root, file)
    return existsSync(place)
      ? end(0, readFileSync(place, 'utf8'))
      : end(1, '', `cat: can't open '${file}': No such file or directory\n`)
  },
}

/** `push <vmid> <file> <destination> [--perms MODE] ...`: exits 0 when it failed, as the real one does. */
function pctPush(host: EmbeddedHost, [vmid = '', source = '', destination = '', ...options]: readonly string[]): Ended {
  const root = host.container(vmid)
  if (root === undefined) return end(2, '', `Configuration file 'nodes/pve/lxc/${vmid}.conf' does not exist\n`)
  const target = join(root, destination)
  if (!existsSync(dirname(target))) {
    return end(0, '', `failed to create file: ${destination}: No such file or directory\n`)
  }
  copyFileSync(host.path(source), target)
  const at = options.indexOf('--perms')
  if (at >= 0) chmodSync(target, Number.parseInt(options[at + 1] ?? '', 8))
  return end(0)
}

function zfs(host: EmbeddedHost, verb: string, name: string): Ended {
  const at = host.mountOf(name)
  if (host.dataset(name) === undefined) return end(1, '', `cannot open '${name}': dataset does not exist\n`)
  if (verb === 'mount') {
    if (at !== undefined) return end(1, '', `cannot mount '${name}': filesystem already mounted\n`)
    host.mount(name)
    return end(0)
  }
  if (at === undefined) return end(1, '', `cannot unmount '${name}': not currently mounted\n`)
  host.unmount(name)
  return end(0)
}
