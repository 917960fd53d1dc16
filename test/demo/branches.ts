import { join } from 'node:path'
import type { Report, Step } from './step.ts'

/** What a call of `pgd` left. */
export interface Called {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Where databases are branched, and as whom. */
export interface Branching {
  readonly part: string
  readonly pgd: (args: readonly string[]) => Promise<Called>
  /** Options of `pgd project create`. */
  readonly create?: readonly string[]
  readonly report: Report
}

const root = join(import.meta.dirname, '../..')
/** Asks as a program of a user's: with what `pgd run` puts into its environment. */
const query = join(root, 'test/pgd/support/query.ts')

/** A database with rows, two branches of it, what differs between them, a reset, and the end of all. */
export async function branchSteps({ part, pgd, create = [], report }: Branching): Promise<void> {
  const ask = (branch: string, statement: string) => pgd(['run', branch, '--', process.execPath, query, statement])
  const step = async (
    title: string,
    args: readonly string[],
    judge: (stdout: string) => Pick<Step, 'lines' | 'ok'> | Promise<Pick<Step, 'lines' | 'ok'>>,
  ): Promise<void> => {
    const began = performance.now()
    const { exitCode, stdout, stderr } = await pgd(args)
    const ms = performance.now() - began
    const said = stderr.trimEnd().split('\n').filter(Boolean)
    const judged = exitCode === 0 ? await judge(stdout) : { ok: false, lines: [...said, `exit status ${exitCode}`] }
    report({ part, title, argv: ['pgd', ...args], ms, ...judged })
  }
  const rows = async (branch: string, wanted: number): Promise<Pick<Step, 'lines' | 'ok'>> => {
    const { stdout, stderr } = await ask(branch, 'SELECT count(*) FROM item')
    const count = stdout.trim()
    return { ok: count === String(wanted), lines: [count === '' ? stderr.trimEnd() : `${branch} has ${count} rows`] }
  }

  await step('says where databases lie, and what runs them', ['status'], stdout => ({
    ok: true,
    lines: stdout.trimEnd().split('\n').slice(0, 2),
  }))
  await step('makes a project with an empty database', ['project', 'create', 'books', ...create], async () => {
    await ask('books/main', 'CREATE TABLE item AS SELECT generate_series(1, 1000) AS id')
    return rows('books/main', 1000)
  })
  for (const branch of ['books/dev', 'books/test']) {
    await step('makes a branch with all of its data', ['branch', 'create', branch], () => rows(branch, 1000))
  }
  await ask('books/dev', 'DELETE FROM item WHERE id > 10')
  await ask('books/dev', 'ALTER TABLE item ADD COLUMN name text')
  await step('shows what differs after a change in one of them', ['diff', 'books/main', 'books/dev'], stdout => ({
    ok: /^\+ +name text/m.test(stdout) && /public\.item +1000 +10$/m.test(stdout),
    lines: stdout.split('\n').filter(line => /^[+-] |item/.test(line)),
  }))
  await step('gives it the data of its parent again', ['branch', 'reset', 'books/dev', '--yes'], () =>
    rows('books/dev', 1000),
  )
  await step('deletes one branch', ['branch', 'delete', 'books/test', '--yes'], () => ({ ok: true, lines: [] }))
  await step('deletes the project', ['project', 'delete', 'books', '--yes'], async () => {
    const { stdout } = await pgd(['branch', 'list', '--json'])
    return { ok: /"branches":\[\]/.test(stdout), lines: ['no branch is left'] }
  })
}
