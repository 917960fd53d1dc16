import type { Plan } from '../../contract.ts'
import type { Job } from '../../model/job.ts'
import { confirm } from '../ask.ts'
import { followJob, type JobArgs } from '../follow.ts'
import { note, shown, table } from '../output.ts'
import { inputsOf, wholeNumber } from '../values.ts'
import { verb } from '../verb.ts'

interface Args extends JobArgs {
  readonly app: readonly string[]
  readonly name?: string
  readonly set?: readonly string[]
  readonly 'set-file'?: readonly string[]
  readonly storage?: string
  readonly cores?: string
  readonly memory?: string
  readonly disk?: string
  readonly bridge?: string
  readonly ip?: string
  readonly gateway?: string
  readonly vlan?: string
  readonly 'dry-run': boolean
  readonly 'keep-failed': boolean
}

/** `install`: shows what the apps ask for, then installs. */
export const install = verb<Args>({
  command: 'install <app..>',
  describe: 'Install an app, or several in one guest',
  builder: yargs =>
    yargs
      .positional('app', { type: 'string', array: true, demandOption: true, describe: 'Apps of the catalog' })
      .option('name', { type: 'string', requiresArg: true, describe: 'Name of the install, and host name' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: 'An input: KEY=VALUE, or APP/KEY=VALUE' })
      .option('set-file', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'An input from a file: KEY=FILE, for secrets; - is standard input',
      })
      .option('storage', { type: 'string', requiresArg: true, describe: 'Storage of the disks' })
      .option('cores', { type: 'string', requiresArg: true })
      .option('memory', { type: 'string', requiresArg: true, describe: 'MiB' })
      .option('disk', { type: 'string', requiresArg: true, describe: 'GiB' })
      .option('bridge', { type: 'string', requiresArg: true })
      .option('ip', { type: 'string', requiresArg: true, describe: 'dhcp, none, or ADDRESS/PREFIX' })
      .option('gateway', { type: 'string', requiresArg: true })
      .option('vlan', { type: 'string', requiresArg: true })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Show all that would be done, and do nothing' })
      .option('keep-failed', { type: 'boolean', default: false, describe: 'Leave the guest when the install fails' })
      .option('wait', { type: 'boolean', default: true, describe: 'Wait for the job' })
      .example('$0 install notes --set-file password=./password', 'Install an app with a secret') as never,
  run: async (args, openApi) => {
    const client = openApi()
    const body = bodyOf(args)
    const plan = await client.send<Plan>('POST', '/installs/plan', body)
    if (args['dry-run']) return { data: { plan }, text: planText(plan) }
    if (!args.json && !args.quiet) note(consentText(plan))
    if (plan.consent.items.length > 0) await confirm(args, `Install ${plan.name}?`)
    return followJob(client, await client.send<Job>('POST', '/installs', { ...body, consent: plan.consent.hash }), args)
  },
})

function bodyOf(args: Args): object {
  const inputs = Object.entries(inputsOf(args.set, args['set-file']))
  const several = args.app.length > 1
  const apps = args.app.map(app => {
    const own = inputs.flatMap(([key, value]) => {
      if (key.startsWith(`${app}/`)) return [[key.slice(app.length + 1), value] as const]
      return several ? [] : [[key, value] as const]
    })
    return { app, inputs: Object.fromEntries(own) }
  })
  const resources = defined({
    cores: wholeNumber(args.cores, 'cores'),
    memory: wholeNumber(args.memory, 'memory'),
    disk: wholeNumber(args.disk, 'disk'),
  })
  const network = defined({
    bridge: args.bridge,
    ipv4: args.ip,
    gateway4: args.gateway,
    vlan: wholeNumber(args.vlan, 'vlan'),
  })
  return {
    apps,
    resources,
    network,
    keepFailed: args['keep-failed'],
    ...defined({ name: args.name, storage: args.storage }),
  }
}

const defined = (values: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const consentText = ({ consent, warnings }: Plan): string =>
  [
    'It asks for:',
    ...consent.items.map(
      ({ severity, text, values }) => `  [${severity}] ${shown(text)}: ${shown(values.join(', '), 300)}`,
    ),
    ...warnings.map(text => `  [warning] ${shown(text, 300)}`),
  ].join('\n')

const planText = (plan: Plan): string =>
  [
    consentText(plan),
    table(
      ['STEP', 'ACTION', 'PARAMETERS'],
      plan.actions.map(({ step, action, parameters }) => [step, shown(action), shown(JSON.stringify(parameters), 300)]),
    ),
  ].join('\n')
