import t from 'tap'
import type { Context } from '../../src/context.ts'
import { PgdError } from '../../src/errors/error.ts'
import type { Name } from '../../src/names/name.ts'
import { undoing } from '../../src/operations/undo.ts'

const ref = { project: 'shop' as Name, branch: 'dev' as Name }
const inventory = { projects: [], volumes: [], snapshots: [], foreign: [] }
const gone = new PgdError('PGD_RUNTIME_UNAVAILABLE', 'The container engine does not listen')

/** What looks at an empty storage, and at a runtime that answers, or fails. */
const contextWith = (list: () => Promise<[]>): Context =>
  ({ store: { list: async () => inventory }, runtimes: async () => [{ kind: 'docker', list }] }) as unknown as Context

const failing = (error: unknown) => async () => {
  throw error
}

t.test('what fails is told as it failed', async t => {
  t.equal(
    await undoing(
      contextWith(async () => []),
      ref,
      async () => 1,
    ),
    1,
  )
  await t.rejects(
    undoing(
      contextWith(async () => []),
      ref,
      failing(gone),
    ),
    gone,
  )
})

t.test('what could not be taken back either has the reason of the first failure', async t => {
  const lost = contextWith(failing(gone))
  await t.rejects(undoing(lost, ref, failing(gone)), {
    code: 'PGD_RUNTIME_UNAVAILABLE',
    message: /^The container engine does not listen; and what it left of shop\/dev could not be taken back$/,
    hint: 'When it can be reached again, run pgd repair',
  })
  await t.rejects(undoing(lost, ref, failing(new PgdError('PGD_NO_SPACE', 'full'))), { code: 'PGD_NO_SPACE' })
  await t.rejects(undoing(lost, ref, failing(new Error('no'))), { code: 'PGD_PROGRAM_FAILED' })
  const broken = contextWith(failing(new PgdError('PGD_PROGRAM_FAILED', 'no')))
  await t.rejects(undoing(broken, ref, failing(new PgdError('PGD_NO_SPACE', 'full'))), {
    code: 'PGD_NO_SPACE',
    hint: 'Run pgd repair',
  })
})
