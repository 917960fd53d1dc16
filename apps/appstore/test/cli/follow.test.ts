import t from 'tap'
import type { Client } from '../../src/cli/client.ts'
import { followJobs } from '../../src/cli/follow.ts'
import { AppstoreError } from '../../src/errors/error.ts'
import type { Job } from '../../src/model/job.ts'

const args = { wait: true, quiet: true, json: true } as Parameters<typeof followJobs>[2]
const jobs = ['1', '2', '3'].map(id => ({ id, kind: 'install', state: 'queued' })) as unknown as Job[]
const failure = { code: 'APPSTORE_NO_SPACE', message: 'The storage is full', advice: 'Make space' }

/** A client of a store in which those jobs fail; tells which were waited for. */
function clientWith(failing: readonly string[]) {
  const waited: string[] = []
  const client = {
    events: async (path: string) => void waited.push(path),
    get: async (path: string) => {
      const job = jobs.find(({ id }) => path === `/jobs/${id}`)
      return failing.includes(job?.id ?? '') ? { ...job, state: 'failed', failure } : { ...job, state: 'succeeded' }
    },
  }
  return { client: client as unknown as Client, waited }
}

t.test('several jobs are followed to their ends, and shown as they are then', async t => {
  const { client, waited } = clientWith([])
  t.same(
    (await followJobs(client, jobs, args)).map(({ state }) => state),
    ['succeeded', 'succeeded', 'succeeded'],
  )
  t.equal(waited.length, 3)
  t.same(await followJobs(client, jobs, { ...args, wait: false }), jobs)
})

t.test('one that fails keeps nobody from following the others', async t => {
  const { client, waited } = clientWith(['1', '2'])
  await t.rejects(followJobs(client, jobs, args), {
    code: 'APPSTORE_NO_SPACE',
    message: '2 of 3 jobs failed, the first with: The storage is full',
    hint: 'Make space',
  })
  t.equal(waited.length, 3)
  await t.rejects(followJobs(client, jobs.slice(0, 1), args), { message: 'The storage is full' })
})

t.test('what is not the end of a job ends the waiting for all', async t => {
  const lost = new AppstoreError('APPSTORE_STORE_UNAVAILABLE', 'The store does not answer')
  for (const reason of [new TypeError('no answer'), lost]) {
    const { client, waited } = clientWith([])
    const broken = Object.assign(client, {
      get: async () => {
        throw reason
      },
    })
    await t.rejects(followJobs(broken, jobs, args), reason)
    t.equal(waited.length, 1)
  }
})
