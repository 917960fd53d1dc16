import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { licensesOf } from './licenses.ts'
import { builtins, languages, standIns } from './stand-ins.ts'

const root = join(import.meta.dirname, '..')

/** Packages of others, each in a file that is loaded when it is first used, and what is taken from them. */
const packages: Readonly<Record<string, string>> = {
  '@peculiar/x509': "export * from '@peculiar/x509'",
  diff: "export * from 'diff'",
  dockerode: "export { default } from 'dockerode'",
  pg: "export { default } from 'pg'",
  yaml: "export * from 'yaml'",
  yargs: "export { default } from 'yargs'",
  // It makes code for schemas that are used often; here each is used once or twice.
  zod: "import { z } from 'zod'\nz.config({ jitless: true })\nexport { z }",
}

const fileOf = (name: string): string => name.replace(/^@/, '').replace('/', '-')

/** Leaves packages where they are loaded, at `place` as seen from the file that is made. */
const separate = (place: string): Plugin => ({
  name: 'separate',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[@a-z]/ }, ({ path }) =>
      Object.hasOwn(packages, path) ? { path: `${place}/${fileOf(path)}.js`, external: true } : undefined,
    )
  },
})

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  conditions: ['@broker/source'],
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // Node keeps texts of one byte a character as they are.
  charset: 'ascii',
  minifyWhitespace: true,
  minifySyntax: true,
} satisfies BuildOptions

/**
 * Bundles the command, the library, and the packages of others that they use, into `dist`; resolves to the licenses of these
 * packages. One file for each, since a file that is imported takes half a millisecond.
 */
export async function bundle(dist: string): Promise<string> {
  const own = (entry: string, place: string, beside = /^$/): Promise<unknown> =>
    build({
      ...common,
      entryPoints: [`src/${entry}.ts`],
      outfile: join(dist, `${entry}.js`),
      plugins: [separate(place), builtins, leave(beside)],
    })
  const others = Object.entries(packages).map(([name, contents]) =>
    build({
      ...common,
      stdin: { contents, resolveDir: root },
      outfile: join(dist, 'packages', `${fileOf(name)}.js`),
      alias: standIns,
      plugins: [builtins, languages],
    }),
  )
  await Promise.all([
    own('cli/main', '../packages', /^\.\/(?:program|help)\.ts$/),
    own('cli/program', '../packages'),
    // It names the verbs, and runs none of them.
    own('cli/help', '../packages', /^\.\/verbs\//),
    own('index', './packages'),
  ])
  const made = await Promise.all(others)
  return licensesOf(
    root,
    made.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  )
}

/** Leaves some files of ours where they are loaded. */
const leave = (beside: RegExp): Plugin => ({
  name: 'leave',
  setup: ({ onResolve }) => {
    onResolve({ filter: beside }, ({ path }) => ({ path: path.replace(/\.ts$/, '.js'), external: true }))
  },
})
