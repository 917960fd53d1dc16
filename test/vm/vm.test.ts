import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { suites } from './image.ts'
import { fillPayload, jobs } from './payload.ts'
import { runJob, vmMissing } from './run.ts'
import { makeScratch } from './scratch.ts'

const wanted = process.env.BROKER_VM === '1'
// A job is slow, and on its first run the image has to be built.
if (wanted) t.setTimeout(10_800_000)
const missing = wanted ? vmMissing() : 'BROKER_VM=1 npm test -- vm builds virtual machines and runs their jobs'

t.test('a job finds its script, the stand-in for pct and the policies', async t => {
  const { directory, remove } = makeScratch()
  t.teardown(remove)
  fillPayload(directory, 'smoke')
  t.match(readFileSync(join(directory, 'run'), 'utf8'), /^#!\/bin\/sh\n.*\/job\/jobs\/smoke\.sh$/m)
  for (const path of [
    'jobs/smoke.sh',
    'jobs/_lib.sh',
    'host/pct',
    'host/steps/containers.sh',
    'policies/appstore.yaml',
  ])
    t.ok(existsSync(join(directory, path)), path)
})

t.test('a job that does not exist is named', async t => {
  t.throws(() => fillPayload('/nonexistent', 'none'), { message: /"none"/ })
  t.throws(() => fillPayload('/nonexistent', '_lib'), { message: /"_lib"/ })
})

// The machines take both processors: one after the other.
for (const suite of suites) {
  for (const job of jobs()) {
    t.test(`${job} holds on ${suite}`, { skip: missing ?? false, timeout: 3_600_000 }, async t => {
      const { status, output, console } = await runJob(suite, job, { limit: 1800 })
      for (const line of output.split('\n')) {
        const [, result, title] = /^(not ok|ok) \d+ - (.*)$/.exec(line) ?? []
        if (title === undefined) t.comment(line.replace(/^# /, ''))
        else t.equal(result, 'ok', title)
      }
      t.equal(status, 0, 'the job ends well', { console: console.slice(-2000) })
    })
  }
}
