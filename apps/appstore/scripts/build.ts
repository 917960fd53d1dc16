import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPage } from './build-page.ts'

// Builds `dist`: the daemon and the command file by file, declarations, and the page.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const packages = ['privexec', 'proxmox', 'proxmox-lab'].map(name => join(root, '../../packages', name))

const run = (program: string, ...args: readonly string[]): void => {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(1)
}

// What is published imports published packages, so the compiler reads their declarations and not their sources.
for (const path of packages) {
  if (!existsSync(join(path, 'dist/index.d.ts'))) run(process.execPath, join(path, 'scripts/build.ts'))
}

rmSync(dist, { recursive: true, force: true })
run('tsc', '-p', join(root, 'tsconfig.build.json'))

// TypeScript leaves the extension of relative imports in declarations as it is.
for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/\b(from |import |import\()(["']\.[^"']*)\.ts(?=["'])/g, '$1$2.js'))
}

await buildPage()
