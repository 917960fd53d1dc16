import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compile, run } from '../../../scripts/compile.ts'

// Builds `dist` from `src`: JavaScript file by file, and declarations.

const root = join(import.meta.dirname, '..')
const privexec = join(root, '../privexec')

// What is published imports the published library, so the compiler reads its declarations and not its sources.
if (!existsSync(join(privexec, 'dist/index.d.ts'))) run(process.execPath, join(privexec, 'scripts/build.ts'))

compile(root)
