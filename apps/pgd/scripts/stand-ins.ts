import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const privexec = join(import.meta.dirname, '../../../packages/privexec')
export const standIn = (name: string): string => join(import.meta.dirname, 'stand-ins', name)

/** What dockerode loads for builds of images and engines elsewhere. */
const unused = ['@balena/dockerignore', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2', 'tar-fs']

/** What takes long to load, and is not used or not needed (docs/decisions/pgd-bundle.md). */
export const standIns: Readonly<Record<string, string>> = {
  ...Object.fromEntries(unused.map(name => [name, standIn('absent.cjs')])),
  assert: standIn('assert.ts'),
  debug: standIn('debug.cjs'),
  'readable-stream': standIn('stream.cjs'),
  'string-width': standIn('text-width.ts'),
  'strip-ansi': standIn('text-plain.ts'),
  'wrap-ansi': standIn('text-wrap.ts'),
  // As modules of ECMAScript, whose names an `import()` finds once they are bundled.
  yaml: join(privexec, 'node_modules/yaml/browser/index.js'),
}

/** Texts of zod in fifty languages, of which it loads English by itself. */
export const languages: Plugin = {
  name: 'languages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: standIn('absent.cjs') }))
  },
}

/** What the client of the engine loads for engines elsewhere and builds, and what it shows to somebody who debugs it. */
const ofClient: Readonly<Record<string, string>> = {
  https: standIn('absent.cjs'),
  util: standIn('util.cjs'),
  zlib: standIn('absent.cjs'),
}

/**
 * A module of Node whose parts are loaded when one of them is first used: it names them, which an `import` of ours wants to
 * know. What is itself a function is loaded at once, and so is what another package asks for.
 */
function lazily(path: string): string {
  const name = JSON.stringify(`node:${path}`)
  const built = process.getBuiltinModule(`node:${path}`) as object | ((...all: never) => unknown)
  if (typeof built === 'function') return `module.exports = process.getBuiltinModule(${name})`
  return `let built
const parts = { __esModule: true }
for (const part of ${JSON.stringify(Object.keys(built))}) {
  Object.defineProperty(parts, part, { enumerable: true, get: () => (built ??= process.getBuiltinModule(${name}))[part] })
}
module.exports = parts`
}

/**
 * Node fills in all exports of a module of its own for an `import`: of `node:http` that loads a client for fetch, 35 ms. What
 * is asked for without one is loaded when it is used.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind, importer }) => {
      const instead = /\/docker(?:ode|-modem)\/lib\//.test(importer) ? ofClient[path] : undefined
      if (instead !== undefined) return { path: instead }
      if (!isBuiltin(path) || Object.hasOwn(standIns, path)) return undefined
      if (kind === 'dynamic-import') return { path, external: true }
      const name = path.replace(/^node:/, '')
      return { path: name, namespace: kind === 'import-statement' ? 'lazy' : 'builtin', sideEffects: false }
    })
    onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({ contents: lazily(path) }))
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`,
    }))
  },
}
