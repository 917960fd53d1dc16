import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { homeOf } from '../../home.ts'
import type { Holder } from '../../locks/holder.ts'
import { scratchName, sweepScratch } from '../../locks/scratch.ts'

/**
 * What was noted when a server was started: where to look for it. Whether it runs, its volume and the system tell. So a
 * note that is lost makes a server unknown until it is started again, and no note makes one that is gone known.
 */
export interface Note {
  readonly key: string
  readonly volume: string
  readonly port?: number
  /** Undefined between the note and the start. */
  readonly process?: Holder
  /** Id of the start of the machine, to tell a server that ended from one that ended with the machine. */
  readonly boot: string
}

/** `$XDG_STATE_HOME/pgd/servers`: it outlives a log-out, as servers do. */
export function notesDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = env.XDG_STATE_HOME ?? ''
  return join(isAbsolute(home) ? home : join(homeOf(env), '.local/state'), 'pgd/servers')
}

/** Keys are ids and numbers, and nothing that leads elsewhere. */
const pattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/
const suffix = '.json'

/** Notes on the servers of this account, one file each. */
export class Notes {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async all(): Promise<readonly Note[]> {
    const names = await readdir(this.#directory).catch(() => [])
    const keys = names.filter(name => name.endsWith(suffix)).map(name => name.slice(0, -suffix.length))
    return (await Promise.all(keys.map(key => this.read(key)))).filter(note => note !== undefined)
  }

  /** Undefined where there is none, or none that can be read. */
  async read(key: string): Promise<Note | undefined> {
    try {
      const note = JSON.parse(await readFile(this.#pathOf(key), 'utf8')) as Note
      return note.key === key && typeof note.volume === 'string' ? note : undefined
    } catch {
      return undefined
    }
  }

  /** Replaces a note at once. */
  async write(note: Note): Promise<void> {
    const path = this.#pathOf(note.key)
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const scratch = scratchName(join(this.#directory, 'note'))
    await writeFile(scratch, JSON.stringify(note), { mode: 0o600 })
    await rename(scratch, path)
  }

  /** Removes what calls left that were killed while they wrote. */
  sweep(): Promise<void> {
    return sweepScratch(join(this.#directory, 'note'))
  }

  async remove(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true })
  }

  #pathOf(key: string): string {
    if (!pattern.test(key)) throw new TypeError('a key is an id and a number')
    return join(this.#directory, key + suffix)
  }
}
