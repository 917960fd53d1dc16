import type { JobView } from '../../contract.ts'
import type { Job, JobEvent } from '../../model/job.ts'
import { followJob } from '../follow.ts'
import { list, shown, table } from '../output.ts'
import { pathOf, wholeNumber } from '../values.ts'
import { verb } from '../verb.ts'

const one = (yargs: { positional: (name: string, options: object) => unknown }) =>
  yargs.positional('job', { type: 'string', demandOption: true, describe: 'Id of a job' }) as never

const when = (time: number | undefined): string => (time === undefined ? '-' : new Date(time).toISOString())

export const jobs = verb<{ install?: string; limit: string }>({
  command: 'jobs',
  describe: 'List jobs',
  builder: yargs =>
    yargs
      .option('install', { type: 'string', requiresArg: true, describe: 'Of one install, by name or id' })
      .option('limit', { type: 'string', requiresArg: true, default: '50' }) as never,
  run: async ({ install, limit }, openApi) => {
    const client = openApi()
    // The API knows installs by id here, since jobs stay when their install is gone.
    const id = install === undefined ? undefined : (await client.get<{ id: string }>(pathOf(install))).id
    const query = new URLSearchParams({ limit: String(wholeNumber(limit, 'limit')), ...(id && { install: id }) })
    const found = await client.get<{ jobs: Job[] }>(`/jobs?${query}`)
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
    const { events } = await client.get<{ events: JobEvent[] }>(`${path}/events?limit=1000`)
    const log = events.filter(({ kind, level }) => kind === 'log' && level !== 'debug')
    const text = list([
      ['Job', found.id],
      ['Kind', found.kind],
      ['State', found.state],
      ['By', shown(found.principal)],
      ['Begun', when(found.startedAt)],
      ['Ended', when(found.endedAt)],
      ['Failure', found.failure && shown(found.failure.message, 500)],
      ...found.steps.map(({ title, state }) => [`  ${state}`, title] as const),
      ...log.map(({ level = 'info', text = '' }) => [`  ${level}`, shown(text, 500)] as const),
    ])
    return { data: { job: found, events }, text }
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
