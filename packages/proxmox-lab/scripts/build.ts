import { join } from 'node:path'
import { compile } from '../../../scripts/compile.ts'

// Builds `dist` from `src`: JavaScript file by file, and declarations.

compile(join(import.meta.dirname, '..'))
