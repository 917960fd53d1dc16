import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const repository = join(import.meta.dirname, '../..')
const library = join(repository, 'packages/privexec')
const app = join(repository, 'apps/pgd')
/** What the app store is made of, and a Proxmox VE to try it on. */
const store = ['packages/privexec', 'packages/proxmox', 'packages/proxmox-lab', 'apps/appstore']

/** The jobs that there are, by name; a file that begins with `_` is for others to read. */
export const jobs = (): string[] =>
  readdirSync(join(import.meta.dirname, 'jobs'))
    .filter(name => /^[a-z][a-z-]*\.sh$/.test(name))
    .map(name => basename(name, '.sh'))

/**
 * Fills a directory with what a job finds in `/job`: `run`, which starts `jobs/<name>.sh`; `jobs`; `host`, the stand-in
 * for `pct` and what makes containers and images; `policies`; and for a job with a line `# wants: privexec` or
 * `# wants: pgd` that package as npm would install it, built now, with pgd the life of a project too (`life.mjs`). With
 * `# wants: appstore` that and the packages that it needs are in `store`.
 * Throws when there is no such job or the build fails.
 */
export function fillPayload(directory: string, job: string): void {
  if (!jobs().includes(job)) throw new Error(`there is no job ${JSON.stringify(job)} among ${jobs().join(', ')}`)
  const copy = (from: string, to: string): void =>
    cpSync(join(repository, from), join(directory, to), { recursive: true })
  copy('test/vm/jobs', 'jobs')
  copy('test/host/pct', 'host/pct')
  for (const step of ['containers.sh', 'docker-images.sh']) copy(`test/host/steps/${step}`, `host/steps/${step}`)
  copy('policies', 'policies')
  writeFileSync(join(directory, 'run'), `#!/bin/sh\nexec sh /job/jobs/${job}.sh\n`, { mode: 0o755 })
  const script = readFileSync(join(import.meta.dirname, 'jobs', `${job}.sh`), 'utf8')
  if (/^# wants: privexec$/m.test(script)) addPackage(library, join(directory, 'privexec'))
  if (/^# wants: appstore$/m.test(script))
    for (const root of store) addPackage(join(repository, root), join(directory, 'store', basename(root)))
  if (!/^# wants: pgd$/m.test(script)) return
  addPackage(app, join(directory, 'pgd'))
  addLife(join(directory, 'life.mjs'))
}

/** The life of a project as one file, since it takes the sources of pgd to look at its answers. */
function addLife(target: string): void {
  const { buildSync } = createRequire(join(app, 'package.json'))('esbuild') as { buildSync(options: object): void }
  buildSync({
    entryPoints: [join(repository, 'test/pgd/support/life/main.ts')],
    outfile: target,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@broker/source'],
    // What it never loads.
    external: ['dockerode'],
  })
}

/** What a job asks for by lines `# memory: MIB` and `# limit: SECONDS`, where the usual is not enough. */
export function needsOf(job: string): { readonly memory?: number; readonly limit?: number } {
  const script = readFileSync(join(import.meta.dirname, 'jobs', `${job}.sh`), 'utf8')
  const lines = script.matchAll(/^# (memory|limit): (\d+)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value]) => [name, Number(value)]))
}

function addPackage(root: string, target: string): void {
  const { NODE_OPTIONS: _, ...env } = process.env
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], {
    env: { ...env, PATH: `${join(repository, 'node_modules/.bin')}:${env.PATH}` },
    stdio: ['ignore', 2, 2],
  })
  if (built.status !== 0) throw new Error(`the package cannot be built (${built.status ?? built.signal})`)
  mkdirSync(target, { recursive: true })
  for (const name of ['package.json', 'dist', 'libexec', 'share', 'catalog', 'sdk'].filter(each =>
    existsSync(join(root, each)),
  ))
    cpSync(join(root, name), join(target, name), { recursive: true })
  for (const [to, from] of dependenciesOf(root)) cpSync(from, join(target, to), { recursive: true })
}

/**
 * The packages that a package needs at run time, all levels, and where in it they go: all at its top but for the second
 * version of one, which goes into the package that wants it.
 */
function dependenciesOf(root: string): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (directory: string, beside: string, at: string): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    // A package of this repository stands beside, where Node finds it too.
    for (const name of Object.keys(dependencies).filter(each => !each.startsWith('@broker/'))) {
      const target = realpathSync(join(beside, name))
      const top = join('node_modules', name)
      const place = [undefined, target].includes(found.get(top)) ? top : join(at, top)
      if (found.has(place)) continue
      found.set(place, target)
      // pnpm puts what a package needs beside it; a scope is one level more.
      visit(target, name.startsWith('@') ? dirname(dirname(target)) : dirname(target), place)
    }
  }
  visit(root, join(root, 'node_modules'), '')
  return found
}
