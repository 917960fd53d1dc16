import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Builds `dist` from `src`: JavaScript file by file, and declarations.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

const run = (program: string, ...args: readonly string[]): void => {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(1)
}

rmSync(dist, { recursive: true, force: true })
run('tsc', '-p', join(root, 'tsconfig.build.json'))

// TypeScript leaves the extension of relative imports in declarations as it is.
for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/\b(from |import |import\()(["']\.[^"']*)\.ts(?=["'])/g, '$1$2.js'))
}
