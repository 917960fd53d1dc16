import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppstoreError } from '../../errors/error.ts'

const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
const moment = z.int().min(0)

const schema = z.strictObject({
  /** Address that the commits are from; with another one nothing of the state counts. */
  url: z.string(),
  /** Commit in use, and since when in milliseconds since the epoch. */
  pinned: z.strictObject({ commit, at: moment }).optional(),
  /** Commit that the last check found, when it is another one. */
  offered: z.strictObject({ commit, at: moment }).optional(),
  checkedAt: moment.optional(),
  /** Since when each app has its version. */
  since: z.record(z.string(), z.strictObject({ version: z.string(), at: moment })).optional(),
})

/** What is remembered of a source. */
export type SourceState = z.infer<typeof schema>

const name = 'state.json'

/** Reads the state of a source; of another address, or when there is none, it is empty. */
export async function readState(directory: string, url: string): Promise<SourceState> {
  let text: string
  try {
    text = await readFile(join(directory, name), 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { url }
    throw new AppstoreError('APPSTORE_STORE_UNAVAILABLE', `the state of a catalog source cannot be read`, { cause })
  }
  try {
    const state = schema.parse(JSON.parse(text))
    return state.url === url ? state : { url }
  } catch (cause) {
    throw new AppstoreError('APPSTORE_STORE_UNAVAILABLE', `the state of a catalog source is damaged`, { cause })
  }
}

/** Replaces the state in one step, so that a crash leaves the old or the new one. */
export async function writeState(directory: string, state: SourceState): Promise<void> {
  const made = join(directory, `.${name}-${randomBytes(6).toString('hex')}`)
  try {
    const file = await open(made, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(schema.parse(state))}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(made, join(directory, name))
    const folder = await open(directory, 'r')
    await folder.sync().finally(() => folder.close())
  } catch (cause) {
    await rm(made, { force: true })
    throw new AppstoreError('APPSTORE_STORE_UNAVAILABLE', 'the state of a catalog source cannot be written', { cause })
  }
}
