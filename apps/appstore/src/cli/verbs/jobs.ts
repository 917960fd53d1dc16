import type { JobView } from '../../contract.ts'
import type { Job } from '../../model/job.ts'
import { followJob } from '../follow.ts'
import { list, shown, table } from '../output.ts'
import { verb } from '../verb.ts'

const one = (yargs: { positional: (name: string, options: object) => unknown }) =>
  yargs.positional('job', { type: 'string', demandOption: true, describe: 'Id of a job' }) as never

const when = (time: number | undefined): string => (time === undefined ? '-' : new Date(time).toISOString())

export const jobs = verb({
  command: 'jobs',
  describe: 'List jobs',
  run: async (_, client) => {
    const found = await client().get<{ jobs: Job[] }>('/jobs')
    const rows = found.jobs.map(({ id, kind, state, principal, createdAt, failure }) => [
      ...[id, kind, state, shown(principal), when(createdAt), shown(failure?.message ?? '', 80)],
    ])
    return { data: found, text: table(['JOB', 'KIND', 'STATE', 'BY', 'BEGUN', 'FAILURE'], rows) }
  },
})

export const job = verb<{ job: string; follow: boolean }>({
  command: 'job <job>',
  describe: 'Show a job and its log',
  builder: yargs => {
    one(yargs as never)
    return yargs.option('follow', { alias: 'f', type: 'boolean', default: false }) as never
  },
  run: async (args, openApi) => {
    const client = openApi()
    const path = `/jobs/${encodeURIComponent(args.job)}`
    const found = await client.get<JobView>(path)
    if (args.follow) return followJob(client, found, { ...args, wait: true })
    const text = list([
      ['Job', found.id],
      ['Kind', found.kind],
      ['State', found.state],
      ['By', shown(found.principal)],
      ['Begun', when(found.startedAt)],
      ['Ended', when(found.endedAt)],
      ['Failure', found.failure && shown(found.failure.message, 500)],
      ...found.steps.map(({ title, state }) => [`  ${state}`, title] as const),
    ])
    return { data: { job: found }, text }
  },
})

export const cancel = verb<{ job: string }>({
  command: 'cancel <job>',
  describe: 'Ask a job to end',
  builder: yargs => one(yargs as never),
  run: async ({ job: id }, client) => {
    const found = await client().send<Job>('POST', `/jobs/${encodeURIComponent(id)}/cancel`)
    return { data: { job: found }, text: 'What it began is taken back' }
  },
})
