import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { suites } from './image.ts'
import { fillPayload, jobs, needsOf } from './payload.ts'
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

t.test('a job gets the memory and the time that it asks for', async t => {
  t.strictSame(needsOf('smoke'), {})
  t.strictSame(needsOf('pgd-life'), { memory: 6144, limit: 7200 })
})

t.test('every script can be read by the shell, and every job says at its end how it went', async t => {
  for (const path of globSync('{.,build,guest,jobs}/*.sh', { cwd: import.meta.dirname })) {
    const file = join(import.meta.dirname, path)
    t.match(spawnSync('sh', ['-n', file], { encoding: 'utf8' }), { status: 0, stderr: '' }, path)
  }
  for (const job of jobs())
    t.match(readFileSync(join(import.meta.dirname, 'jobs', `${job}.sh`), 'utf8'), /\nfinish\n$/, job)
})

t.test('a command line that names no job or no suite says what there is', async t => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], { encoding: 'utf8' })
  for (const args of [[], ['--', 'none'], ['--suite', 'buzz', '--', 'smoke'], ['--', 'smoke', 'zfs']]) {
    const { status, stdout, stderr } = run(...args)
    t.match(
      { status, stdout, stderr },
      { status: 64, stdout: '', stderr: /bookworm\|trixie.*\njobs: .*\bsmoke\b/ },
      args.join(' '),
    )
  }
})

// The machines take both processors: one after the other.
for (const suite of suites) {
  for (const job of jobs()) {
    t.test(`${job} holds on ${suite}`, { skip: missing ?? false, timeout: 9_000_000 }, async t => {
      const { status, output, console } = await runJob(suite, job, { limit: Math.max(1800, needsOf(job).limit ?? 0) })
      for (const line of output.split('\n')) {
        const [, result, title] = /^(not ok|ok) \d+ - (.*)$/.exec(line) ?? []
        if (title === undefined) t.comment(line.replace(/^# /, ''))
        else t.equal(result, 'ok', title)
      }
      t.equal(status, 0, 'the job ends well', { console: console.slice(-2000) })
    })
  }
}
