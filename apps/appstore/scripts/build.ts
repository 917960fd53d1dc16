import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compile, run } from '../../../scripts/compile.ts'
import { buildPage } from './build-page.ts'

// Builds `dist`: the daemon and the command file by file, declarations, and the page.

const root = join(import.meta.dirname, '..')
const packages = ['privexec', 'proxmox', 'proxmox-lab'].map(name => join(root, '../../packages', name))

// What is published imports published packages, so the compiler reads their declarations and not their sources.
for (const path of packages) {
  if (!existsSync(join(path, 'dist/index.d.ts'))) run(process.execPath, join(path, 'scripts/build.ts'))
}

compile(root)
await buildPage()
