import type { Job } from '../../model/job.ts'
import { followJob, type JobArgs } from '../follow.ts'
import { pathOf } from '../values.ts'
import { verb } from '../verb.ts'

const act = (name: 'start' | 'stop' | 'restart', describe: string) =>
  verb<JobArgs & { readonly install: string }>({
    command: `${name} <install>`,
    describe,
    builder: yargs =>
      yargs
        .positional('install', { type: 'string', demandOption: true, describe: 'Name or id' })
        .option('wait', { type: 'boolean', default: true, describe: 'Wait for the job' }) as never,
    run: async (args, openApi) => {
      const client = openApi()
      return followJob(client, await client.send<Job>('POST', pathOf(args.install, `/${name}`), {}), args)
    },
  })

export const start = act('start', 'Start the guest')
export const stop = act('stop', 'Shut the guest down')
export const restart = act('restart', 'Restart the guest')
