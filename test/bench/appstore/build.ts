import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/**
 * Builds the measured process, as what is published is built: types are a matter of the sources, and Node takes some 30 MB
 * to strip them. It lies as deep in the package as its sources, which find other files of the package from where they are.
 */
export async function buildDaemon(): Promise<{ readonly path: string; readonly remove: () => void }> {
  const { build }: { build(options: object): Promise<unknown> } = createRequire(
    join(root, 'packages/privexec/package.json'),
  )('esbuild')
  const folder = join(root, 'apps/appstore/node_modules', `.bench-${process.pid}`)
  const path = join(folder, 'daemon.js')
  await build({
    entryPoints: [join(import.meta.dirname, 'daemon.ts')],
    outfile: path,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    conditions: ['@broker/source'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
    },
    logLevel: 'error',
  })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
