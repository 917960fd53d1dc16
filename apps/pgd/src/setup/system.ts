import { execFile } from 'node:child_process'
import type { Stats } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Argv } from './step.ts'

/** How a program ended; 127 where it is not there. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The machine, as far as the setup looks at it and changes it. */
export interface System {
  readonly isRoot: boolean
  run(argv: Argv): Promise<Ran>
  /** Undefined where nothing is; a link is not followed. */
  look(path: string): Promise<Pick<Stats, 'uid' | 'mode' | 'isDirectory'> | undefined>
  /** Names in a directory; none where it is not there. */
  names(path: string): Promise<readonly string[]>
  /** Text of a file; undefined where it is not there. */
  read(path: string): Promise<string | undefined>
}

/** Longest time for a step, milliseconds. */
const longest = 120_000

/** This machine. Programs get no environment of the caller's, and no input. */
export const thisSystem: System = {
  isRoot: process.getuid?.() === 0,
  run: async argv => {
    // mkdtemp(3) makes it for this account alone.
    const place = argv.every(word => typeof word === 'string') ? undefined : await mkdtemp(join(tmpdir(), 'pgd-setup-'))
    try {
      const words: string[] = []
      for (const word of argv) {
        if (typeof word === 'string') words.push(word)
        else {
          const path = join(place ?? '', word.name)
          await writeFile(path, word.text, { flag: 'wx', mode: 0o600 })
          words.push(path)
        }
      }
      return await runWords(words)
    } finally {
      if (place !== undefined) await rm(place, { recursive: true, force: true })
    }
  },
  look: path => unlessMissing(lstat(path)),
  names: async path => (await unlessMissing(readdir(path))) ?? [],
  read: path => unlessMissing(readFile(path, 'utf8')),
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
