import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// npm packs `workspace:*` as it stands, and cannot install it. Before packing, the versions of this workspace take its
// place; `--restore` undoes that afterwards.

const file = join(import.meta.dirname, '../package.json')
const kept = `${file}.kept`

interface Manifest {
  readonly version: string
  readonly dependencies: Record<string, string>
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8'))

if (process.argv.includes('--restore')) {
  if (existsSync(kept)) renameSync(kept, file)
} else {
  const manifest = read(file)
  for (const [name, range] of Object.entries(manifest.dependencies)) {
    if (!range.startsWith('workspace:')) continue
    manifest.dependencies[name] = read(join(import.meta.dirname, '../node_modules', name, 'package.json')).version
  }
  writeFileSync(kept, readFileSync(file))
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}
