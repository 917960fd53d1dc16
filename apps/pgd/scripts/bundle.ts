import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const privexec = join(root, '../../packages/privexec')
const standIn = (name: string): string => join(import.meta.dirname, 'stand-ins', name)

/** What dockerode loads for builds of images and engines elsewhere. */
const unused = ['@balena/dockerignore', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2', 'tar-fs']

/** What takes long to load, and is not used or not needed (docs/decisions/pgd-bundle.md). */
const standIns: Readonly<Record<string, string>> = {
  ...Object.fromEntries(unused.map(name => [name, standIn('absent.cjs')])),
  'readable-stream': standIn('stream.cjs'),
  'string-width': standIn('text-width.ts'),
  'strip-ansi': standIn('text-plain.ts'),
  'wrap-ansi': standIn('text-wrap.ts'),
  // As modules of ECMAScript, since `import()` finds no names in others once they are bundled.
  yaml: join(privexec, 'node_modules/yaml/browser/index.js'),
}

/** Texts of zod in fifty languages, of which it loads English by itself. */
const languages: Plugin = {
  name: 'languages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: standIn('absent.cjs') }))
  },
}

/**
 * Node fills in all exports of a module of its own for an `import`: of `node:http` that loads a client for fetch, 35 ms. What
 * is asked for without one is loaded when it is used.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined
      if (kind === 'dynamic-import') return { path, external: true }
      return { path: path.replace(/^node:/, ''), namespace: 'builtin', sideEffects: false }
    })
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`,
    }))
  },
}

/** Bundles the command and the library into `dist`, with all packages of others; resolves to the licenses of these. */
export async function bundle(dist: string): Promise<string> {
  const { metafile } = await build({
    entryPoints: ['src/cli/main.ts', 'src/index.ts'],
    absWorkingDir: root,
    outbase: 'src',
    outdir: dist,
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    conditions: ['@broker/source'],
    mainFields: ['module', 'main'],
    alias: standIns,
    plugins: [builtins, languages],
    legalComments: 'none',
    charset: 'utf8',
  })
  return licenses(Object.keys(metafile.inputs))
}

/** Licenses of the packages that are in a bundle, one after the other. */
function licenses(inputs: readonly string[]): string {
  const packages = new Map<string, string>()
  for (const input of inputs) {
    const [, directory, name] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(input) ?? []
    if (directory !== undefined && name !== undefined) packages.set(name, join(root, directory))
  }
  const named = [...packages].sort(([a], [b]) => (a < b ? -1 : 1))
  return named.map(([name, directory]) => `${name}\n\n${licenseOf(name, directory)}\n`).join(`\n${'-'.repeat(80)}\n\n`)
}

function licenseOf(name: string, directory: string): string {
  const files = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'LICENSE-MIT', 'COPYING']
  const file = files.map(each => join(directory, each)).find(existsSync)
  if (file !== undefined) return readFileSync(file, 'utf8').trim()
  const { license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  if (license === undefined) throw new Error(`${name} in ${relative(root, dirname(directory))} has no license`)
  return `${license}${author === undefined ? '' : `, ${author.name ?? author}`}`
}
