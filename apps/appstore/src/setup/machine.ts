import { execFile } from 'node:child_process'
import { existsSync, type Stats } from 'node:fs'
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Argv } from './step.ts'

/** How a program ended; 127 where it is not there. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The machine, as far as the setup looks at it and changes it. */
export interface Machine {
  readonly isRoot: boolean
  readonly hasSystemd: boolean
  run(argv: Argv): Promise<Ran>
  /** Undefined where nothing is; a link is not followed. */
  look(path: string): Promise<Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined>
  /** Text of a file; undefined where it is not there. */
  read(path: string): Promise<string | undefined>
  /** The unit of the service that a policy is for. */
  render(policy: string): Promise<string>
}

/** Longest time for one program, milliseconds. */
const longest = 120_000

/** The command of the broker's package, run by the Node that runs this. */
export function privexec(...words: Argv): Argv {
  const library = import.meta.resolve('@broker/privexec')
  const isSource = library.endsWith('.ts')
  const main = fileURLToPath(new URL(`./cli/main.${isSource ? 'ts' : 'js'}`, library))
  return [process.execPath, ...(isSource ? ['--conditions=@broker/source'] : []), main, ...words]
}

/** The command of this package, as the unit starts it. */
export function appstore(): readonly string[] {
  const isSource = import.meta.filename.endsWith('.ts')
  const main = join(import.meta.dirname, `../cli/main.${isSource ? 'ts' : 'js'}`)
  return [process.execPath, ...(isSource ? ['--conditions=@broker/source'] : []), main]
}

/** The catalog that comes with this package. */
export const shippedCatalog = join(import.meta.dirname, '../../catalog')

/** This machine. Programs get no environment of the caller's, and no input. */
export const thisMachine: Machine = {
  isRoot: process.getuid?.() === 0,
  hasSystemd: existsSync('/run/systemd/system'),
  run: runHere,
  look: path => unlessMissing(lstat(path)),
  read: path => unlessMissing(readFile(path, 'utf8')),
  render: policy =>
    inScratch(async place => {
      const file = join(place, 'appstore.yaml')
      await writeFile(file, policy, { flag: 'wx' })
      const { exitCode, stderr } = await runHere(privexec('policy', 'render', file, '--out', place))
      if (exitCode !== 0) throw new Error(`privexec policy render: ${stderr}`)
      return readFile(join(place, 'rendered/appstore.service'), 'utf8')
    }),
}

async function runHere(argv: Argv): Promise<Ran> {
  if (argv.every(word => typeof word === 'string')) return runWords(argv)
  return inScratch(async place => {
    const words: string[] = []
    for (const word of argv) {
      if (typeof word === 'string') words.push(word)
      else {
        const path = join(place, word.name)
        await writeFile(path, word.text, { flag: 'wx', mode: 0o600 })
        words.push(path)
      }
    }
    return runWords(words)
  })
}

/** A directory for this account alone (mkdtemp(3)), which goes afterwards. */
async function inScratch<T>(use: (place: string) => Promise<T>): Promise<T> {
  const place = await mkdtemp(join(tmpdir(), 'appstore-setup-'))
  try {
    return await use(place)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

function runWords([program = '', ...args]: readonly string[]): Promise<Ran> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
  return new Promise(settle => {
    const options = { env, cwd: '/', timeout: longest, maxBuffer: 16 * 1024 * 1024 }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return settle({ exitCode: 0, stdout, stderr })
      const exitCode = typeof error.code === 'number' ? error.code : 127
      settle({ exitCode, stdout, stderr: stderr.trim() || error.message })
    })
    child.stdin?.on('error', () => {}).end()
  })
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
