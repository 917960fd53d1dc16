import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../../../scripts/compile.ts'
import { policyJsonSchema } from '../src/render/schema.ts'
import { bundleRoot } from './bundle.ts'

// Builds `dist` from `src`: JavaScript file by file, declarations, the JSON Schema of policy files, and root's bundle.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

compile(root)
writeFileSync(join(dist, 'policy.schema.json'), `${JSON.stringify(await policyJsonSchema(), null, 2)}\n`)
await bundleRoot(join(dist, 'root/privexecd.js'))
