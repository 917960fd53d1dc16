import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'

/** Debian releases that a machine can be made of: the bases of Proxmox VE 8 (systemd 252) and 9 (systemd 257). */
export const suites = ['bookworm', 'trixie'] as const
export type Suite = (typeof suites)[number]

/** The Node of this repository, which needs nothing but the C library. */
const node = join(import.meta.dirname, '../../node_modules/node/bin/node')

/** Where images are kept: outside of every checkout, so that one build serves all. */
export const cacheDirectory = (): string => join(process.env.XDG_CACHE_HOME ?? '/var/cache', 'broker-vm')

/** One step of the build, kept in a directory that is named after all that went into it. */
interface Part {
  readonly name: string
  readonly files: readonly string[]
  readonly also: readonly string[]
  readonly command: (out: string) => readonly string[]
}

/**
 * The directory with `vmlinuz`, `initrd` and `root.img` of a suite; built when it is missing, which takes about ten
 * minutes, most of it OpenZFS. As root; says on stderr what it does. Throws when a step fails.
 */
export function imageOf(suite: Suite): string {
  const parts = partsOf(suite)
  if (existsSync(parts.disk)) return parts.disk
  mkdirSync(parts.directory, { recursive: true, mode: 0o755 })
  // Of two that want the same image one builds it and the other waits.
  const lock = join(parts.directory, 'lock')
  const built = spawnSync('flock', [lock, process.execPath, import.meta.filename, suite], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (built.status !== 0) throw new Error(`the image of ${suite} cannot be built (${built.status ?? built.signal})`)
  return parts.disk
}

function partsOf(suite: Suite) {
  const directory = join(cacheDirectory(), suite)
  const place = (part: Part): string => join(directory, `${part.name}-${digest(part)}`)
  const kernelPart: Part = {
    name: 'kernel',
    files: ['build/kernel.sh', 'build/sources.sh'],
    also: [suite],
    command: out => ['build/kernel.sh', suite, out],
  }
  const rootPart: Part = {
    name: 'root',
    files: ['build/root.sh', 'build/sources.sh'],
    also: [suite],
    command: out => ['build/root.sh', suite, out],
  }
  const [kernel, root] = [place(kernelPart), place(rootPart)]
  const diskPart: Part = {
    name: 'disk',
    files: ['build/disk.sh', ...readdirSync(join(import.meta.dirname, 'guest')).map(name => `guest/${name}`)],
    also: [kernel, root, realpathSync(node)],
    command: out => ['build/disk.sh', out, kernel, root, node],
  }
  return { directory, steps: [rootPart, kernelPart, diskPart], place, disk: place(diskPart) }
}

function digest({ files, also }: Part): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(import.meta.dirname, file)))
  for (const text of also) hash.update(`${text}\0`)
  return hash.digest('hex').slice(0, 12)
}

/** Builds what is missing, in a directory of its own each that is renamed when it is complete; drops older builds. */
function build(suite: Suite): void {
  const { directory, steps, place } = partsOf(suite)
  for (const name of readdirSync(directory).filter(name => name.startsWith('new-'))) remove(join(directory, name))
  for (const part of steps) {
    const target = place(part)
    if (existsSync(target)) continue
    process.stderr.write(`${suite}: building ${part.name}\n`)
    const began = performance.now()
    const draft = mkdtempSync(join(directory, 'new-'))
    const [script = '', ...rest] = part.command(draft)
    const run = spawnSync('nice', ['-n', '10', 'sh', join(import.meta.dirname, script), ...rest], {
      stdio: ['ignore', 2, 2],
    })
    if (run.status !== 0) {
      remove(draft)
      throw new Error(`${script} failed (${run.status ?? run.signal})`)
    }
    renameSync(draft, target)
    for (const name of readdirSync(directory))
      if (name.startsWith(`${part.name}-`) && join(directory, name) !== target) remove(join(directory, name))
    process.stderr.write(`${suite}: ${part.name} built in ${Math.round((performance.now() - began) / 1000)} s\n`)
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true })

if (import.meta.main) {
  const suite = suites.find(name => name === process.argv[2])
  if (suite === undefined) throw new Error(`usage: node image.ts ${suites.join('|')}`)
  build(suite)
}
