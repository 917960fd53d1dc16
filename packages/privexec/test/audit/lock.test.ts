import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import t from 'tap'
import { openLock } from '../../src/audit/lock.ts'
import { intentRecord } from '../../src/audit/record.ts'
import { openAudit } from '../../src/audit/writer.ts'
import { facts } from './support/samples.ts'

const module = JSON.stringify(new URL('../../src/audit/lock.ts', import.meta.url).href)

/** A process that takes the lock and keeps it until it is killed. */
async function hold(path: string) {
  const script = `import { openLock } from ${module}
    const lock = openLock(process.argv[1])
    console.log(lock.tryAcquire())
    setInterval(() => lock, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  })
  const [answer] = await once(child.stdout, 'data')
  return { child, answer: String(answer) }
}

t.test('one process holds the lock, and the kernel releases it when that one is killed', async t => {
  const path = `${t.testdir({})}/lock`
  const lock = openLock(path)
  const { child, answer } = await hold(path)
  t.equal(answer, 'true\n')
  t.equal(lock.tryAcquire(), false)
  child.kill('SIGKILL')
  await once(child, 'close')
  t.equal(lock.tryAcquire(), true)
  lock.release()
  t.equal(lock.tryAcquire(), true, 'and it can be taken again')
  lock.release()
  lock.close()
  t.same(
    [statSync(path).mode & 0o777, statSync(path).size],
    [0o600, 0],
    'nobody else can take it, and it needs no space',
  )
})

t.test('two locks of one process exclude each other', async t => {
  const path = `${t.testdir({})}/lock`
  const [one, two] = [openLock(path), openLock(path)]
  t.equal(one.tryAcquire(), true)
  t.equal(two.tryAcquire(), false)
  one.release()
  t.equal(two.tryAcquire(), true)
  two.release()
  one.close()
  two.close()
})

t.test('a holder that does not go away makes the log unavailable, and nothing is lost when it does', async t => {
  const file = `${t.testdir({})}/audit.jsonl`
  const impatient = await openAudit({ file, lockTimeout: 50 })
  const log = await openAudit({ file, lockTimeout: 60_000 })
  const { child } = await hold(`${file}.lock`)
  await t.rejects(impatient.append(intentRecord(facts()), { until: 'durable' }), { code: 'PRIVEXEC_AUDIT_UNAVAILABLE' })
  const waiting = log.append(intentRecord(facts()), { until: 'durable' })
  child.kill('SIGKILL')
  await once(child, 'close')
  t.equal((await waiting).sequence, 1)
  await impatient.close()
  await log.close()
})
