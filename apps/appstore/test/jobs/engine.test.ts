import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { AppstoreError } from '../../src/errors/error.ts'
import type { JobPlan, Step } from '../../src/jobs/definition.ts'
import { JobEngine } from '../../src/jobs/engine.ts'
import { type JobId, newId } from '../../src/model/id.ts'
import type { Job } from '../../src/model/job.ts'
import type { Store } from '../../src/store/store.ts'
import { type Test, temporaryDirectory, temporaryStore } from '../support/store.ts'

function engineOf(t: Test, store: Store, plan: (job: Job) => JobPlan, concurrency = 4): JobEngine {
  const engine = new JobEngine({ store, plan, concurrency })
  t.teardown(() => engine.stop())
  return engine
}

const newJob = (change = {}) => ({
  id: newId<JobId>(),
  kind: 'install' as const,
  install: newId<Job['install']>(),
  principal: 'alice',
  input: {},
  ...change,
})

/** Steps that write down what is done to them. */
function steps(done: string[], ...names: (string | Partial<Step>)[]): readonly Step[] {
  return names.map(given => {
    const extra = typeof given === 'string' ? { name: given } : given
    const name = extra.name ?? 'step'
    return {
      name,
      title: `Do ${name}`,
      run: async () => void done.push(name),
      undo: async () => void done.push(`-${name}`),
      ...extra,
    }
  })
}

t.test('the steps of a job run in order, and each is told', async t => {
  const store = temporaryStore(t)
  const done: string[] = []
  const engine = engineOf(t, store, () => ({ steps: steps(done, 'a', 'b') }))
  engine.start()
  const job = await engine.finished(engine.submit(newJob()).id)
  t.same(done, ['a', 'b'])
  t.equal(job.state, 'succeeded')
  t.same(
    engine.events.page(job.id, 0, 100).map(({ kind, data }) => `${kind} ${data?.name ?? ''} ${data?.state}`),
    [
      'state  queued',
      'state  running',
      'step a begun',
      'step a done',
      'step b begun',
      'step b done',
      'state  succeeded',
    ],
  )
})

t.test('a failure takes back what was begun, the failed step too, last first', async t => {
  const store = temporaryStore(t)
  const done: string[] = []
  const fails = { name: 'b', run: () => Promise.reject(new AppstoreError('APPSTORE_NO_SPACE', 'full')) }
  const engine = engineOf(t, store, () => ({ steps: steps(done, 'a', fails, 'c') }))
  engine.start()
  const job = await engine.finished(engine.submit(newJob()).id)
  t.same(done, ['a', '-b', '-a'])
  t.match(job, { state: 'failed', failure: { code: 'APPSTORE_NO_SPACE', message: 'full', step: 'b', left: [] } })
})

t.test('beyond the final step nothing is taken back, and a cancel is not heeded', async t => {
  const store = temporaryStore(t)
  const done: string[] = []
  const fails = { name: 'c', run: () => Promise.reject(new Error('no')) }
  const slow = { name: 'b', final: true, run: () => wait(30).then(() => void done.push('b')) }
  const engine = engineOf(t, store, () => ({ steps: steps(done, 'a', slow, fails) }))
  engine.start()
  const { id } = engine.submit(newJob())
  await wait(10)
  engine.cancel(id)
  const job = await engine.finished(id)
  t.same(done, ['a', 'b'])
  t.match(job, { state: 'failed', failure: { code: 'APPSTORE_INTERNAL' } })
})

t.test('a cancelled job is taken back, and ends as cancelled', async t => {
  const store = temporaryStore(t)
  const done: string[] = []
  const waits = { name: 'b', run: ({ signal }: { signal: AbortSignal }) => wait(10_000, undefined, { signal }) }
  const engine = engineOf(t, store, () => ({ steps: steps(done, 'a', waits) }))
  engine.start()
  const { id } = engine.submit(newJob())
  await wait(20)
  engine.cancel(id)
  t.equal((await engine.finished(id)).state, 'cancelled')
  t.same(done, ['a', '-b', '-a'])
  t.throws(() => engine.cancel(id), { code: 'APPSTORE_WRONG_STATE' })
})

t.test('what runs when the daemon stops goes on after the next start, with what it found out', async t => {
  const directory = temporaryDirectory(t)
  const done: string[] = []
  const first = temporaryStore(t, directory)
  const hangs: Partial<Step> = {
    name: 'b',
    run: async context => {
      context.save({ upid: 'UPID:1' })
      await wait(10_000, undefined, { signal: context.signal })
    },
  }
  const before = engineOf(t, first, () => ({ steps: steps(done, 'a', hangs) }))
  before.start()
  const { id } = before.submit(newJob())
  await wait(20)
  await before.stop()
  t.equal(first.jobs.get(id)?.state, 'running')
  first.close()

  const second = temporaryStore(t, directory)
  const seen: unknown[] = []
  const looks = { name: 'b', run: async ({ facts }: { facts: unknown }) => void seen.push(facts) }
  const after = engineOf(t, second, () => ({ steps: steps(done, 'a', looks) }))
  after.start()
  t.equal((await after.finished(id)).state, 'succeeded')
  t.same(done, ['a'], 'no step runs again that was done')
  t.same(seen, [{ upid: 'UPID:1' }])
})

t.test('a taking back that was interrupted goes on after the next start', async t => {
  const directory = temporaryDirectory(t)
  const done: string[] = []
  const first = temporaryStore(t, directory)
  const fails = { name: 'b', run: () => Promise.reject(new Error('no')), undo: () => Promise.reject(new Error('down')) }
  const before = engineOf(t, first, () => ({ steps: steps(done, 'a', fails) }))
  before.start()
  const { id } = before.submit(newJob())
  await wait(50)
  await before.stop()
  t.equal(first.jobs.get(id)?.state, 'undoing')
  first.close()
  const after = engineOf(t, temporaryStore(t, directory), () => ({ steps: steps(done, 'a', 'b') }))
  after.start()
  t.match(await after.finished(id), { state: 'failed', failure: { message: 'Unexpected: "no"' } })
  t.same(done, ['a', '-b', '-a'])
})

t.test('an install has one job at a time', async t => {
  const store = temporaryStore(t)
  const engine = engineOf(t, store, () => ({ steps: [] }))
  const job = newJob()
  engine.submit(job)
  t.throws(() => engine.submit({ ...job, id: newId() }), { code: 'APPSTORE_BUSY' })
})

t.test('the same key and request give the same job; another request under it is refused', async t => {
  const store = temporaryStore(t)
  const engine = engineOf(t, store, () => ({ steps: [] }))
  const first = engine.submit(newJob({ idempotencyKey: 'k', input: { app: 'notes' } }))
  t.equal(engine.submit(newJob({ idempotencyKey: 'k', input: { app: 'notes' } })).id, first.id)
  t.throws(() => engine.submit(newJob({ idempotencyKey: 'k', input: { app: 'other' } })), {
    code: 'APPSTORE_IDEMPOTENCY_MISMATCH',
  })
})

t.test('only so many jobs run at once', async t => {
  const store = temporaryStore(t)
  let now = 0
  let most = 0
  const run = async (): Promise<void> => {
    most = Math.max(most, ++now)
    await wait(10)
    now--
  }
  const engine = engineOf(t, store, () => ({ steps: [{ name: 'a', title: 'a', run }] }), 3)
  engine.start()
  await Promise.all(Array.from({ length: 10 }, () => engine.finished(engine.submit(newJob()).id)))
  t.equal(most, 3)
})

t.test('secrets of a job are in nothing that is told or kept', async t => {
  const store = temporaryStore(t)
  const secret = 'hunter2 "of" clubs'
  const step: Step = {
    name: 'a',
    title: 'a',
    run: async context => {
      context.log('info', `password=${secret}`)
      context.output('login', { password: secret })
      throw new AppstoreError('APPSTORE_PROVISION_FAILED', `failed with ${secret} and ${encodeURIComponent(secret)}`)
    },
  }
  const engine = engineOf(t, store, () => ({ steps: [step], secrets: [secret] }))
  engine.start()
  const job = await engine.finished(engine.submit(newJob()).id)
  const all = JSON.stringify([job, engine.events.page(job.id, 0, 100)])
  t.notMatch(all, 'hunter2')
  t.match(all, 'failed with ***')
})

t.test('a follower gets the past and then each new event, once and in order', async t => {
  const store = temporaryStore(t)
  const run: Step['run'] = async context => {
    for (let n = 0; n < 50; n++) {
      context.log('info', `${n}`)
      await wait(1)
    }
  }
  const engine = engineOf(t, store, () => ({ steps: [{ name: 'a', title: 'a', run }] }))
  engine.start()
  const { id } = engine.submit(newJob())
  await wait(20)
  const seen: number[] = []
  const stop = engine.events.follow(id, 3, ({ seq }) => void seen.push(seq))
  await engine.finished(id)
  stop()
  t.same(
    seen,
    Array.from({ length: engine.events.last(id) - 3 }, (_, n) => n + 4),
  )
})
