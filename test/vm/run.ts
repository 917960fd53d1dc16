import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Suite, suites } from './image.ts'
import { type JobResult, runMachine } from './machine.ts'
import { fillPayload, jobs, needsOf } from './payload.ts'
import { makeScratch } from './scratch.ts'

/** Why no virtual machine can be made here, in one line; undefined where one can. */
export function vmMissing(): string | undefined {
  if (process.platform !== 'linux') return `the virtual machine needs Linux, this is ${process.platform}`
  if (process.arch !== 'x64') return `the virtual machine is an x64 one, this is ${process.arch}`
  if (process.getuid?.() !== 0) return 'the virtual machine needs root, to build its image'
  if (!existsSync('/usr/bin/apt-get')) return 'the virtual machine needs Debian (apt-get)'
  const packages = spawnSync('sh', [join(import.meta.dirname, 'packages.sh')], { stdio: ['ignore', 2, 'pipe'] })
  if (packages.status !== 0) return 'the virtual machine needs qemu and mmdebstrap, which cannot be installed'
  return undefined
}

/** How a job is run; `limit` in seconds, 900 or what the job asks for; `results` receives what it leaves in `/job/out`. */
export interface RunOptions {
  readonly limit?: number
  readonly results?: string
  readonly onOutput?: (chunk: Buffer) => void
}

/** Runs a job of `jobs/` on a machine of its own. Needs what {@link vmMissing} asks for. */
export async function runJob(suite: Suite, job: string, options: RunOptions = {}): Promise<JobResult> {
  const { directory, remove } = makeScratch()
  try {
    fillPayload(directory, job)
    return await runMachine({ suite, directory, limit: 900, ...needsOf(job), ...options })
  } finally {
    remove()
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { suite: { type: 'string' }, limit: { type: 'string' }, results: { type: 'string' } },
  })
  const suite = suites.find(name => name === (values.suite ?? 'bookworm'))
  const [job] = positionals
  if (suite === undefined || job === undefined || positionals.length > 1 || !jobs().includes(job)) {
    const usage = `node test/vm/run.ts [--suite ${suites.join('|')}] [--limit SECONDS] [--results DIRECTORY] -- JOB`
    process.stderr.write(`usage: ${usage}\njobs: ${jobs().join(', ')}\n`)
    return 64
  }
  const missing = vmMissing()
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`)
    return 77
  }
  const results = values.results === undefined ? undefined : resolve(values.results)
  if (results !== undefined) mkdirSync(results, { recursive: true })
  const { status, console } = await runJob(suite, job, {
    onOutput: chunk => process.stdout.write(chunk),
    ...(values.limit === undefined ? {} : { limit: Number(values.limit) }),
    ...(results === undefined ? {} : { results }),
  })
  if (status === undefined) {
    process.stderr.write(`the machine did not finish; its console:\n${console.slice(-4000)}\n`)
    return 125
  }
  return status
}

if (import.meta.main) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(125))
  process.exitCode = await main(process.argv.slice(2))
}
