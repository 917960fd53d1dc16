import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyJsonSchema } from '../src/render/schema.ts'
import { bundleRoot } from './bundle.ts'

// Builds `dist` from `src`: JavaScript file by file, declarations, the JSON Schema of policy files, and root's bundle.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const compiled = spawnSync('tsc', ['-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(1)

// TypeScript rewrites the extension of relative imports in JavaScript only, and a declaration that imports a `.ts` that
// is not there depends on how forgiving the reader is.
for (const file of globSync('**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file)
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/\b(from |import |import\()(["']\.[^"']*)\.ts(?=["'])/g, '$1$2.js'),
  )
}

writeFileSync(join(dist, 'policy.schema.json'), `${JSON.stringify(await policyJsonSchema(), null, 2)}\n`)
await bundleRoot(join(dist, 'root/privexecd.js'))
