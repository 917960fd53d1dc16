import type { Argv } from 'yargs'
import type { InstallView } from '../../contract.ts'
import type { Job } from '../../model/job.ts'
import { confirm } from '../ask.ts'
import type { Client } from '../client.ts'
import { followJob, type JobArgs } from '../follow.ts'
import { shown } from '../output.ts'
import { inputsOf, pathOf, wholeNumber } from '../values.ts'
import { type Common, verb } from '../verb.ts'

interface Base extends JobArgs {
  readonly install: string
}

/** A verb that queues a job on an install, with a body of its own. */
const act = <Args extends object>(
  name: string,
  describe: string,
  options: (yargs: Argv<Common>) => unknown,
  bodyOf: (args: Args & Base & Common, client: Client) => Promise<object> | object,
) =>
  verb<Args & Base>({
    command: `${name} <install>`,
    describe,
    builder: yargs => {
      yargs.positional('install', { type: 'string', demandOption: true, describe: 'Name or id' })
      yargs.option('wait', { type: 'boolean', default: true, describe: 'Wait for the job' })
      return options(yargs) as never
    },
    run: async (args, openApi) => {
      const client = openApi()
      const body = await bodyOf(args, client)
      return followJob(client, await client.send<Job>('POST', pathOf(args.install, `/${name}`), body), args)
    },
  })

interface Reconfigure {
  readonly set?: readonly string[]
  readonly 'set-file'?: readonly string[]
  readonly cores?: string
  readonly memory?: string
  readonly disk?: string
  readonly onboot?: boolean
}

export const reconfigure = act<Reconfigure>(
  'reconfigure',
  'Change inputs and resources in place',
  yargs =>
    yargs
      .option('set', { type: 'string', array: true, nargs: 1, describe: 'An input: KEY=VALUE, or APP/KEY=VALUE' })
      .option('set-file', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'An input from a file: KEY=FILE, for secrets',
      })
      .option('cores', { type: 'string', requiresArg: true })
      .option('memory', { type: 'string', requiresArg: true, describe: 'MiB' })
      .option('disk', { type: 'string', requiresArg: true, describe: 'GiB; it only grows' })
      .option('onboot', { type: 'boolean', describe: 'Start the guest with the node' }),
  async (args, client) => {
    const { apps } = await client.get<InstallView>(pathOf(args.install))
    const inputs: Record<string, Record<string, string>> = {}
    for (const [name, value] of Object.entries(inputsOf(args.set, args['set-file']))) {
      const [app, key] = name.includes('/') ? (name.split('/', 2) as [string, string]) : [apps[0]?.app ?? '', name]
      inputs[app] = { ...inputs[app], [key]: value }
    }
    const sizes = { cores: args.cores, memory: args.memory, disk: args.disk }
    const resources = Object.entries(sizes).flatMap(([key, text]) =>
      text === undefined ? [] : [[key, wholeNumber(text, key)]],
    )
    return {
      inputs,
      resources: Object.fromEntries(resources),
      ...(args.onboot === undefined ? {} : { onboot: args.onboot }),
    }
  },
)

export const resize = act<{ volume: string; size: string }>(
  'resize',
  'Grow a disk',
  yargs =>
    yargs
      .option('volume', { type: 'string', requiresArg: true, default: 'root', describe: 'root, or a volume' })
      .option('size', { type: 'string', requiresArg: true, demandOption: true, describe: 'New size in GiB' }),
  ({ volume, size }) => ({ volume, size: wholeNumber(size, 'size') }),
)

export const upgrade = act<{ safety: string; 'backup-storage'?: string }>(
  'upgrade',
  "Bring the apps to the catalog's versions",
  yargs =>
    yargs
      .option('safety', { choices: ['auto', 'snapshot', 'backup'], default: 'auto', describe: 'How to come back' })
      .option('backup-storage', { type: 'string', requiresArg: true }),
  async (args, client) => {
    const { apps, upgrades } = await client.get<InstallView>(pathOf(args.install))
    const body = {
      safety: args.safety,
      ...(args['backup-storage'] === undefined ? {} : { backupStorage: args['backup-storage'] }),
    }
    if (!upgrades.some(({ consentChanged }) => consentChanged)) return body
    const plan = { apps: apps.map(({ app, source }) => ({ app, source })) }
    await confirm(
      args,
      `What ${upgrades.map(({ app, to }) => `${app} ${shown(to)}`).join(', ')} asks for has changed (appstore catalog show). Agree?`,
    )
    const { hash } = await client.send<{ hash: string }>('POST', '/catalog/consent', plan)
    return { ...body, consent: hash }
  },
)

export const backup = act<{ storage?: string }>(
  'backup',
  'Back the guest up',
  yargs => yargs.option('storage', { type: 'string', requiresArg: true }),
  ({ storage }) => (storage === undefined ? {} : { storage }),
)

export const uninstall = act<{ keep?: readonly string[]; 'keep-all': boolean }>(
  'uninstall',
  'Remove an install',
  yargs =>
    yargs
      .option('keep', { type: 'string', array: true, nargs: 1, describe: 'A volume that is kept' })
      .option('keep-all', { type: 'boolean', default: false, describe: 'Keep all volumes' }),
  async (args, client) => {
    const { name, vmid, volumes } = await client.get<InstallView>(pathOf(args.install))
    const kept = args['keep-all'] ? volumes.map(volume => volume.name) : (args.keep ?? [])
    const lost = volumes.filter(volume => !kept.includes(volume.name)).map(volume => volume.name)
    const what = lost.length === 0 ? '' : `, with the volumes ${lost.join(', ')}`
    await confirm(args, `Destroy the guest ${vmid ?? ''} of ${name}${what}?`)
    return { keep: args['keep-all'] ? true : kept }
  },
)

export const reinstall = act<object>(
  'reinstall',
  'Install again on volumes that were kept',
  yargs => yargs,
  () => ({}),
)

export const adopt = verb<
  JobArgs & { readonly vmid: string; readonly name?: string; readonly app?: readonly string[] }
>({
  command: 'adopt <vmid>',
  describe: 'Take a guest of the pool under care',
  builder: yargs =>
    yargs
      .positional('vmid', { type: 'string', demandOption: true, describe: 'Id of the guest' })
      .option('name', { type: 'string', requiresArg: true })
      .option('app', { type: 'string', array: true, nargs: 1, describe: 'What is in it: APP=VERSION' })
      .option('wait', { type: 'boolean', default: true, describe: 'Wait for the job' }) as never,
  run: async (args, openApi) => {
    const client = openApi()
    const apps = Object.entries(inputsOf(args.app)).map(([app, version]) => ({ app, version }))
    const body = { vmid: wholeNumber(args.vmid, 'vmid'), apps, ...(args.name === undefined ? {} : { name: args.name }) }
    await confirm(args, `Mark guest ${shown(args.vmid)} as one of the app store?`)
    return followJob(client, await client.send<Job>('POST', '/installs/adopt', body), args)
  },
})
