import assert from 'node:assert/strict'
import type { Account, End } from '../account.ts'

/** Where a project lives: an account, and what its branches are made of there. */
export interface World {
  readonly account: Account
  readonly runtime: 'docker' | 'process'
  /** Words for the version of PostgreSQL, where it must be said. */
  readonly version?: readonly string[]
  /** Whether branches hang from the snapshots that they were made from, as datasets do. */
  readonly hasClones: boolean
  /** Branches that are made at the same time. */
  readonly crowd: number
  /** What there is outside of pgd that a project leaves nothing of: datasets, containers, mounts, files. */
  readonly traces: () => readonly string[]
}

/** A part of a project's life; each goes on where the one before has ended. */
export interface Chapter {
  /** A sentence about behaviour. */
  readonly title: string
  /** Whether it takes long and depends little on where databases lie. */
  readonly isGeneral?: boolean
  /** Rejects when it does not hold. */
  readonly live: (life: Life) => Promise<void>
}

/** The calls of a life. */
export class Life {
  readonly world: World
  /** An instant at which the first branch was there, and nothing that one can go back to. */
  beginning = ''
  readonly #urls = new Map<string, string>()

  constructor(world: World) {
    this.world = world
  }

  /** A call that succeeds; resolves to what `--json` printed. */
  async pgd(...args: readonly string[]): Promise<End['json']> {
    const { exit, stdout, stderr, json } = await this.world.account.pgd(...args)
    assert.equal(exit, 0, `pgd ${args.join(' ')} ended with ${exit}: ${stderr || stdout}`)
    return json
  }

  /** A call that is refused with this exit status and code. */
  async refused(exit: number, code: string, ...args: readonly string[]): Promise<void> {
    const end = await this.world.account.pgd(...args)
    const said = `pgd ${args.join(' ')}: ${end.stdout}${end.stderr}`
    assert.deepEqual({ exit: end.exit, code: end.json?.error?.code }, { exit, code }, said)
  }

  /** Runs a statement by psql over TCP and TLS, with the URL that `pgd url` gives. */
  async sql(branch: string, statement: string): Promise<string> {
    const words = ['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', statement, await this.url(branch)]
    const { exit, stdout, stderr } = await this.world.account.run(...words)
    assert.equal(exit, 0, `${branch}: ${statement}: ${stderr}`)
    return stdout.trim()
  }

  /** The URL of a branch; asked for once, until it is forgotten. */
  async url(branch: string): Promise<string> {
    const known = this.#urls.get(branch)
    if (known !== undefined) return known
    const { url } = await this.pgd('url', branch)
    this.#urls.set(branch, url)
    return url
  }

  forget(branch: string): void {
    this.#urls.delete(branch)
  }

  /** Rows of the table that the project's life is about. */
  rows(branch: string): Promise<number> {
    return this.sql(branch, 'SELECT count(*) FROM item').then(Number)
  }
}
