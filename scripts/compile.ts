import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs a program of a build, and ends this one when it fails. */
export function run(program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(1)
}

/** Makes `dist` of the package in a folder anew: JavaScript file by file and declarations, or what `options` of tsc leave. */
export function compile(root: string, ...options: readonly string[]): void {
  const dist = join(root, 'dist')
  rmSync(dist, { recursive: true, force: true })
  run('tsc', '-p', join(root, 'tsconfig.build.json'), ...options)

  // TypeScript leaves the extension of relative imports in declarations as it is.
  for (const file of globSync('**/*.d.ts', { cwd: dist })) {
    const path = join(dist, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/\b(from |import |import\()(["']\.[^"']*)\.ts(?=["'])/g, '$1$2.js'))
  }
}
