import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { answers } from '../../../apps/pgd/src/cli/schema.ts'

/** What a call of `pgd` gave. */
export interface End {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** What `--json` printed: the answer, or the error. */
  // biome-ignore lint/suspicious/noExplicitAny: each verb has a shape of its own, which its schema tests
  readonly json: any
}

/** How an account is become, and what it finds. */
export interface AccountOptions {
  /** Words before a command that make it run as the account, with no environment of the caller's. */
  readonly become: readonly string[]
  /** All of its environment; `HOME` is where it starts programs. */
  readonly env: Readonly<Record<string, string>>
  /** Words that are the command `pgd`. */
  readonly pgd: readonly string[]
}

/** An account without rights, who uses the command as people do. */
export class Account {
  readonly env: Readonly<Record<string, string>>
  readonly #options: AccountOptions

  constructor(options: AccountOptions) {
    this.env = options.env
    this.#options = options
  }

  /** The same account with other variables. */
  with(env: Readonly<Record<string, string>>): Account {
    return new Account({ ...this.#options, env: { ...this.env, ...env } })
  }

  /** Its home directory. */
  get home(): string {
    return this.env.HOME || '/'
  }

  /** Starts any program as this account, without a terminal. */
  start(words: readonly string[]): ChildProcess {
    // By env(1), since tap adds to the environment of what a test spawns, and makes it write where this account may not.
    const variables = Object.entries(this.env).map(([name, value]) => `${name}=${value}`)
    const [program = '', ...args] = [
      ...this.#options.become,
      'env',
      '-i',
      `--chdir=${this.home}`,
      ...variables,
      ...words,
    ]
    return spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  }

  startPgd(args: readonly string[]): ChildProcess {
    return this.start([...this.#options.pgd, ...args])
  }

  run(...words: readonly string[]): Promise<End> {
    return ended(this.start(words))
  }

  /** Runs `pgd` with `--json`. */
  async pgd(...args: readonly string[]): Promise<End> {
    const at = args.indexOf('--')
    const [own, rest] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)]
    return ended(this.startPgd([...own, '--json', '--yes', ...rest]))
  }

  /** Runs a statement in a branch as everybody does, over TCP, with psql. */
  async sql(branch: string, statement: string): Promise<string> {
    const words = ['connect', branch, '--', '--no-psqlrc', '-At', '-v', 'ON_ERROR_STOP=1', '-c', statement]
    const { exit, stdout, stderr } = await ended(this.startPgd(words))
    if (exit !== 0) throw new Error(`psql ended with ${exit}: ${stderr}`)
    return stdout.trim()
  }
}

/** Waits for the end of a program. What `--json` printed must be one of the answers that its schema knows. */
export async function ended(child: ChildProcess): Promise<End> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  child.once('error', reject)
  const [stdout, stderr, exit] = await Promise.all([read(child.stdout), read(child.stderr), promise])
  const json = parse(stdout) ?? parse(stderr)
  if (json?.schema === 'pgd/1') checkAnswer(json)
  return { exit, stdout, stderr, json }
}

/** Throws when no schema fits, or a key is in it that no schema has. */
export function checkAnswer(json: object): void {
  if (Object.values(answers).some(answer => answer.safeParse(json).success)) return
  throw new Error(`no schema of pgd's answers fits ${JSON.stringify(json)}`)
}

const read = (stream: ChildProcess['stdout']): Promise<string> => (stream === null ? Promise.resolve('') : text(stream))

function parse(words: string): End['json'] {
  try {
    return JSON.parse(words)
  } catch {
    return undefined
  }
}
