import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, run } from '../../../scripts/compile.ts'
import { bundle } from './bundle.ts'

// Builds `dist` from `src`: the command and the library in a bundle with the packages of others and their licenses,
// declarations, and the JSON Schema of what `--json` prints.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const privexec = join(root, '../../packages/privexec')

// What is published imports the published library, so the compiler reads its declarations and not its sources.
if (!existsSync(join(privexec, 'dist/index.d.ts'))) run(process.execPath, join(privexec, 'scripts/build.ts'))

compile(root, '--emitDeclarationOnly')

// What it imports of the library is built by now.
const { answersJsonSchema } = await import('../src/cli/schema.ts')
writeFileSync(join(dist, 'LICENSES.txt'), await bundle(dist))
writeFileSync(join(dist, 'pgd.schema.json'), `${JSON.stringify(answersJsonSchema(), null, 2)}\n`)
