import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const scripts = ['debian.sh', 'repository.sh'].map(name => join(import.meta.dirname, name))

/** Where the root file system is kept: outside of every checkout, so that one build serves all. */
const cache = join(process.env.XDG_CACHE_HOME ?? '/var/cache', 'broker-appstore')

/**
 * The file with Debian's root file system for containers, built when it is missing: half a minute of work, and 70 MB to
 * fetch. As root, on the machine itself, since a throwaway host has no network. Throws when it cannot be built.
 */
export function debianRoot(): string {
  const hash = createHash('sha256')
  for (const script of scripts) hash.update(readFileSync(script))
  const directory = join(cache, `debian-${hash.digest('hex').slice(0, 12)}`)
  const file = join(directory, 'rootfs.tar')
  if (existsSync(file)) return file
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  // Of two that want it one builds and the other waits.
  const argv = ['flock', join(cache, 'lock'), process.execPath, import.meta.filename, directory]
  const built = spawnSync(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] })
  if (built.status !== 0) throw new Error(`Debian's root file system cannot be built (${built.status ?? built.signal})`)
  return file
}

function build(directory: string): void {
  if (existsSync(directory)) return
  const draft = mkdtempSync(join(cache, 'draft-'))
  try {
    const done = spawnSync('sh', [scripts[0] as string, draft], { stdio: ['ignore', 2, 'inherit'] })
    if (done.status !== 0) throw new Error(`debian.sh failed (${done.status ?? done.signal})`)
    renameSync(draft, directory)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (import.meta.main && process.argv[2] !== undefined) build(process.argv[2])
