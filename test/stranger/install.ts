import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')

/** The oldest Node of `engines`. */
export const oldestNode = '22.19.0'

/** What a finished command left. */
export interface Done {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A project of somebody else, outside of the repository, into which npm has installed what was packed. */
export interface Project {
  readonly directory: string
  /** Runs a program of the project: `node` is the oldest Node of `engines`, `tsc` its own, anything else is of the PATH. */
  run(program: string, ...args: string[]): Done
  remove(): void
}

/** What is installed, by folders of the repository, and the files of the stranger. */
export interface Installing {
  readonly packages?: readonly string[]
  readonly files?: string
}

/** Packs packages and installs them into an empty project. Throws what npm says when it fails. Takes some seconds. */
export function installedProject({ packages = ['packages/privexec'], files = 'project' }: Installing = {}): Project {
  const directory = mkdtempSync(join(tmpdir(), 'stranger-'))
  const programs: Record<string, string> = {
    node: join(directory, `node_modules/node-linux-${process.arch}/bin/node`),
    tsc: join(directory, 'node_modules/.bin/tsc'),
  }
  const run = (program: string, ...args: string[]): Done => start(directory, programs[program] ?? program, args)
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  try {
    // Packing builds, which two tests must not do at once.
    const lock = ['flock', join(repository, 'node_modules/.stranger-lock')]
    for (const folder of packages) {
      done(join(repository, folder), ...lock, 'npm', 'pack', '--pack-destination', directory)
    }
    writeFileSync(join(directory, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }\n')
    const { devDependencies: wanted } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
    const tools = ['typescript', '@types/node'].map(name => `${name}@${wanted[name]}`)
    const tarball = globSync('*.tgz', { cwd: directory }).map(name => `./${name}`)
    const node = `node-linux-${process.arch}@${oldestNode}`
    done(directory, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...tarball, node, ...tools)
    cpSync(join(import.meta.dirname, files), directory, { recursive: true })
    writeFileSync(join(directory, 'policy.yaml'), policyFor(userInfo().username))
    return { directory, run, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function done(cwd: string, ...words: readonly string[]): void {
  const [program = '', ...args] = words
  const { exitCode, stdout, stderr } = start(cwd, program, args)
  if (exitCode !== 0) throw new Error(`${words.join(' ')} failed (${exitCode}):\n${stdout}${stderr}`)
}

function start(cwd: string, program: string, args: readonly string[]): Done {
  // NODE_OPTIONS would make Node look for sources that a package does not have; tap adds it to every child that is
  // started, so it is taken away by a program between.
  const command = ['-u', 'NODE_OPTIONS', program, ...args]
  const { status, stdout, stderr, error } = spawnSync('env', command, { cwd, encoding: 'utf8' })
  if (error) throw error
  return { exitCode: status, stdout, stderr }
}

const policyFor = (account: string): string => `\
policy: stranger
summary: Containers of a tool that is not ours
principal:
  user: ${account}
audit:
  file: "{state}/stranger.jsonl"
grants:
  - command: pct.exec
    where: { vmid: 20000-20999 }
    timeout: 1m
`
