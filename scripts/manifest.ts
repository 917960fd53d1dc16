import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Of the package in the current folder: npm packs `workspace:*` as it stands, and cannot install it. Before packing, the
// versions of this workspace take its place; `--restore` undoes that, afterwards, and before a build for the case that an
// earlier `npm pack` was killed.

const file = join(process.cwd(), 'package.json')
const kept = `${file}.kept`

interface Manifest {
  readonly version: string
  readonly dependencies?: Record<string, string>
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8'))

/** The manifest of a file as it is packed. */
function packed(path: string): string {
  const manifest = read(path)
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    if (!range.startsWith('workspace:') || manifest.dependencies === undefined) continue
    manifest.dependencies[name] = read(join(process.cwd(), 'node_modules', name, 'package.json')).version
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

function restore(): void {
  if (!existsSync(kept)) return
  const now = readFileSync(file, 'utf8')
  // Neither as it is packed nor as it was: somebody has changed it since, and that is not to be lost.
  if (now !== packed(kept) && now !== readFileSync(kept, 'utf8')) {
    process.stderr.write(
      `${file} was changed after an interrupted npm pack: compare it with ${kept}, and remove that\n`,
    )
    process.exit(1)
  }
  renameSync(kept, file)
}

/** Replaces a file at once, so that a kill leaves the one or the other. */
function put(path: string, text: string): void {
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

restore()
if (!process.argv.includes('--restore')) {
  const text = packed(file)
  put(kept, readFileSync(file, 'utf8'))
  put(file, text)
}
