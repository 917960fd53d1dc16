import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { State } from './types.ts'

/** The state and the file that keeps it. */
export class Store {
  readonly directory: string
  readonly state: State
  readonly #listeners: (() => void)[] = []

  /** Reads what an earlier lab left in the directory; `seed` makes the state of a new one. */
  constructor(directory: string, seed: () => State) {
    this.directory = directory
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    const kept = readIfThere(join(directory, 'state.json'))
    this.state = kept === undefined ? seed() : (JSON.parse(kept) as State)
  }

  /** Writes the state; a reader sees the former one or this one, whole. */
  save(): void {
    const file = join(this.directory, 'state.json')
    writeFileSync(`${file}.new`, JSON.stringify(this.state), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    for (const listener of this.#listeners) listener()
  }

  /** Calls after every change. */
  onSave(listener: () => void): void {
    this.#listeners.push(listener)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
