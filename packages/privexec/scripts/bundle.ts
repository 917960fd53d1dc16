import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** The one package of others that root's process may hold. */
const allowed = 'zod'

/**
 * Bundles what runs as root into one file that imports nothing but Node's own modules, and returns its SHA-256. The same
 * sources give the same bytes. Throws when a package but zod would get in.
 */
export async function bundleRoot(out: string, entry = join(root, 'src/root/privexecd.ts')): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    banner: { js: '// The root-side broker of privexec, with zod (MIT) in it.' },
    // Locales of zod that nobody asks for; messages of root are in one language.
    treeShaking: true,
    legalComments: 'none',
    charset: 'ascii',
  })
  const foreign = Object.keys(metafile.inputs).filter(
    input => input.includes('node_modules/') && !input.includes(`node_modules/${allowed}/`),
  )
  if (foreign.length > 0) throw new Error(`not for root's process: ${foreign.join(', ')}`)
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles
  const text = Buffer.from(contents).toString('latin1')
  for (const [, name = ''] of text.matchAll(/^import\b[^"']*["']([^"']+)["'];?$/gm)) {
    if (!name.startsWith('node:') && !builtinModules.includes(name)) throw new Error(`${name} is not one of Node's own`)
  }
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, contents)
  return createHash('sha256').update(contents).digest('hex')
}

if (import.meta.main)
  process.stdout.write(`${await bundleRoot(process.argv[2] ?? join(root, 'dist/root/privexecd.js'))}\n`)
