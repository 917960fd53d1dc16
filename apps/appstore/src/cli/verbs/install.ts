import type { Plan, StackSummary } from '../../contract.ts'
import { AppstoreError } from '../../errors/error.ts'
import type { Job } from '../../model/job.ts'
import { confirm } from '../ask.ts'
import type { Client } from '../client.ts'
import { followJob, type JobArgs } from '../follow.ts'
import { note, shown, table } from '../output.ts'
import { inputsOf, wholeNumber } from '../values.ts'
import { verb } from '../verb.ts'

interface Args extends JobArgs {
  readonly app?: readonly string[]
  readonly stack?: string
  readonly source?: string
  readonly name?: string
  readonly set?: readonly string[]
  readonly 'set-file'?: readonly string[]
  readonly storage?: string
  readonly template?: string
  readonly volume?: readonly string[]
  readonly onboot?: boolean
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
  command: 'install [app..]',
  describe: 'Install an app, or several in one guest',
  builder: yargs =>
    yargs
      .positional('app', { type: 'string', array: true, describe: 'Apps of the catalog' })
      .option('stack', { type: 'string', requiresArg: true, describe: 'A stack of the catalog, with its values' })
      .option('source', { type: 'string', requiresArg: true, describe: 'Source of the apps, where several have them' })
      .option('name', { type: 'string', requiresArg: true, describe: 'Name of the install, and host name' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: 'An input: KEY=VALUE, or APP/KEY=VALUE' })
      .option('set-file', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'An input from a file: KEY=FILE, for secrets; - is standard input',
      })
      .option('storage', { type: 'string', requiresArg: true, describe: 'Storage of the disks' })
      .option('template', {
        type: 'string',
        requiresArg: true,
        describe: 'Short name such as debian-12, or a volume id',
      })
      .option('volume', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Size of a volume: NAME=GIB, or APP/NAME=GIB',
      })
      .option('onboot', { type: 'boolean', describe: 'Start the guest with the node' })
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
      .example('$0 install --stack web-pair --set-file notes/password=./password', 'Install a stack of the catalog')
      .example('$0 install notes --set-file password=./password', 'Install an app with a secret') as never,
  run: async (args, openApi) => {
    const client = openApi()
    const body = bodyOf(args, args.stack === undefined ? undefined : await stackOf(client, args.stack))
    const plan = await client.send<Plan>('POST', '/installs/plan', body)
    if (args['dry-run']) return { data: { plan }, text: planText(plan) }
    if (!args.json && !args.quiet) note(consentText(plan))
    if (plan.consent.items.length > 0) await confirm(args, `Install ${plan.name}?`)
    return followJob(client, await client.send<Job>('POST', '/installs', { ...body, consent: plan.consent.hash }), args)
  },
})

async function stackOf(client: Client, id: string): Promise<StackSummary> {
  const { stacks } = await client.get<{ stacks: StackSummary[] }>('/catalog/stacks')
  const found = stacks.find(stack => stack.id === id)
  if (found) return found
  throw new AppstoreError('APPSTORE_NOT_FOUND', `There is no stack ${shown(id)}`, { field: 'stack' })
}

/** The request; what the command line says comes before what the stack says. */
function bodyOf(args: Args, stack: StackSummary | undefined): object {
  const names = [...(stack?.apps ?? []), ...(args.app ?? [])]
  if (names.length === 0) throw new AppstoreError('APPSTORE_USAGE', 'Name an app, or a --stack', { field: 'app' })
  const inputs = Object.entries(inputsOf(args.set, args['set-file']))
  const several = names.length > 1
  const stray = several ? inputs.find(([key]) => !names.some(app => key.startsWith(`${app}/`))) : undefined
  if (stray !== undefined) {
    const message = `--set ${shown(stray[0])}: of which app? With several it is APP/KEY=VALUE`
    throw new AppstoreError('APPSTORE_USAGE', message, { field: 'set' })
  }
  const apps = names.map(app => {
    const own = inputs.map(([key, value]) => [key.startsWith(`${app}/`) ? key.slice(app.length + 1) : key, value, key])
    const mine = own.filter(([, , key]) => !several || key?.startsWith(`${app}/`))
    return { app, ...defined({ source: args.source }), inputs: { ...stack?.inputs[app], ...Object.fromEntries(mine) } }
  })
  const volumes = Object.entries(inputsOf(args.volume)).map(([name, size]) => [
    name,
    { size: wholeNumber(size, 'volume') },
  ])
  const resources = {
    ...stack?.resources,
    ...defined({
      cores: wholeNumber(args.cores, 'cores'),
      memory: wholeNumber(args.memory, 'memory'),
      disk: wholeNumber(args.disk, 'disk'),
    }),
  }
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
    ...(volumes.length > 0 && { volumes: Object.fromEntries(volumes) }),
    ...defined({ name: args.name ?? stack?.id, storage: args.storage, onboot: args.onboot }),
    ...defined({ template: args.template ?? stack?.template }),
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
