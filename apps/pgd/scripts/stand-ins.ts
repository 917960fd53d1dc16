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

/**
 * Node fills in all exports of a module of its own for an `import`: of `node:http` that loads a client for fetch, 35 ms. What
 * is asked for without one is loaded when it is used.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path) || Object.hasOwn(standIns, path)) return undefined
      if (kind === 'dynamic-import') return { path, external: true }
      return { path: path.replace(/^node:/, ''), namespace: 'builtin', sideEffects: false }
    })
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)})`,
    }))
  },
}
