import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import type { DeclarationPlan } from '../../contract.ts'
import { AppstoreError } from '../../errors/error.ts'
import type { Job } from '../../model/job.ts'
import { confirm } from '../ask.ts'
import { followJobs } from '../follow.ts'
import { shown, table } from '../output.ts'
import { verb } from '../verb.ts'

const planText = ({ changes, secretsNeeded }: DeclarationPlan): string =>
  [
    table(
      ['INSTALL', 'CHANGE', 'DETAILS'],
      changes.map(({ name, change, details }) => [name, change, shown(details.join(', '), 300)]),
    ),
    ...secretsNeeded.map(name => `needs the secret ${name}`),
  ].join('\n')

export const exporting = verb({
  command: 'export',
  describe: 'Print what is installed as a declaration',
  run: async (_, client) => {
    const declaration = await client().get<object>('/declaration')
    return { data: { declaration }, text: stringify(declaration) }
  },
})

const file = (yargs: { positional: (name: string, options: object) => unknown }) =>
  yargs.positional('file', {
    type: 'string',
    demandOption: true,
    describe: 'Declaration; - is standard input',
  }) as never

export const plan = verb<{ file: string }>({
  command: 'plan <file>',
  describe: 'Show what a declaration would change',
  builder: yargs => file(yargs as never),
  run: async (args, client) => {
    const planned = await client().send<DeclarationPlan>('POST', '/declaration/plan', readYaml(args.file, 'file'))
    return { data: { plan: planned }, text: planText(planned) }
  },
})

export const apply = verb<{ file: string; secrets?: string; wait: boolean }>({
  command: 'apply <file>',
  describe: 'Bring everything to what is declared',
  builder: yargs => {
    file(yargs as never)
    return yargs
      .option('secrets', { type: 'string', requiresArg: true, describe: 'YAML file with install/app/key: value, 0600' })
      .option('wait', { type: 'boolean', default: true }) as never
  },
  run: async (args, openApi) => {
    const client = openApi()
    const declaration = readYaml(args.file, 'file')
    const planned = await client.send<DeclarationPlan>('POST', '/declaration/plan', declaration)
    const changes = planned.changes.filter(({ change }) => change === 'install' || change === 'reconfigure')
    if (changes.length === 0) return { data: { jobs: [] }, text: 'Everything is as declared' }
    await confirm(args, `${planText({ ...planned, changes })}\nDo it?`)
    const secrets = args.secrets === undefined ? {} : readYaml(args.secrets, 'secrets')
    const { jobs } = await client.send<{ jobs: Job[] }>('POST', '/declaration/apply', { declaration, secrets })
    const after = await followJobs(client, jobs, args)
    return {
      data: { jobs: after },
      text: table(
        ['JOB', 'KIND', 'STATE'],
        after.map(({ id, kind, state }) => [id, kind, state]),
      ),
    }
  },
})

function readYaml(path: string, field: string): object {
  try {
    return parse(readFileSync(path === '-' ? 0 : path, 'utf8'), { maxAliasCount: 0 }) as object
  } catch (cause) {
    // The lines after the first show a part of the file, which may hold secrets.
    const [message = ''] = (cause as Error).message.split('\n')
    throw new AppstoreError('APPSTORE_USAGE', `${field}: ${shown(message, 300)}`, { field, cause })
  }
}
