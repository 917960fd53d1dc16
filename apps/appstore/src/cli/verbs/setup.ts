import type { Proxmox } from '@broker/proxmox'
import { AppstoreError } from '../../errors/error.ts'
import type { Planned } from '../../setup/step.ts'
import type { SetupOptions, SetupTransport } from '../../setup/wish.ts'
import { confirm } from '../ask.ts'
import { colour, note } from '../output.ts'
import { type Answer, verb } from '../verb.ts'

interface Args {
  readonly url: string
  readonly 'admin-token-file': string
  readonly fingerprint?: string
  readonly ca?: string
  readonly pool: string
  readonly range: string
  readonly storage?: readonly string[]
  readonly bridge?: readonly string[]
  readonly user: string
  readonly transport: SetupTransport
  readonly script: boolean
  readonly 'dry-run': boolean
  readonly undo: boolean
  readonly purge: boolean
}

/** `setup`: made once, by root on the node. */
export const setup = verb<Args>({
  command: 'setup',
  describe: 'Prepare the node and this machine, as root',
  builder: yargs =>
    yargs
      .option('url', { type: 'string', requiresArg: true, default: 'https://127.0.0.1:8006', describe: 'Of the node' })
      .option('admin-token-file', {
        ...({ type: 'string', requiresArg: true, demandOption: true } as const),
        describe: 'File, mode 0600, with a token of an administrator; it is used now and not kept',
      })
      .option('fingerprint', { type: 'string', requiresArg: true, describe: "SHA-256 of the node's certificate" })
      .option('ca', {
        ...({ type: 'string', requiresArg: true } as const),
        describe: 'Certificate that issued it; default /etc/pve/pve-root-ca.pem',
      })
      .option('pool', { type: 'string', requiresArg: true, default: 'appstore', describe: "Of the store's guests" })
      .option('range', { type: 'string', requiresArg: true, default: '20000-20999', describe: 'Ids of its guests' })
      .option('storage', { type: 'string', array: true, requiresArg: true, describe: 'For disks, templates, backups' })
      .option('bridge', { type: 'string', array: true, requiresArg: true, describe: 'For the network of guests' })
      .option('user', { type: 'string', requiresArg: true, default: 'appstore@pve', describe: 'Its user of Proxmox' })
      .option('transport', {
        ...({ choices: ['daemon', 'sudo'], default: 'daemon' } as const),
        describe: 'How root is asked to run programs in guests',
      })
      .option('script', { type: 'boolean', default: false, describe: 'Print it as a script for sh, and do nothing' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Say what would be done, and do nothing' })
      .option('undo', { type: 'boolean', default: false, describe: 'Take back what was made' })
      .option('purge', {
        type: 'boolean',
        default: false,
        implies: 'undo',
        describe: 'And remove database and account',
      })
      .example('$0 setup --admin-token-file admin --storage local --storage local-zfs --bridge vmbr0', '') as never,
  run: async args => {
    const options = await optionsOf(args)
    const { openProxmox } = await import('@broker/proxmox')
    const { withProxmox } = await import('../../guests/failure.ts')
    const { url, fingerprint, ca } = options
    const tls = { ...(fingerprint === undefined ? { ca } : { fingerprint }) }
    const token = { file: args['admin-token-file'] }
    const proxmox = await withProxmox('Reaching the node', () => openProxmox({ url, token, tls }))
    try {
      return await withNode(proxmox, args, options)
    } finally {
      await proxmox.close()
    }
  },
})

async function withNode(
  proxmox: Proxmox,
  args: Args & { readonly json: boolean; readonly quiet: boolean; readonly yes: boolean; readonly input: boolean },
  options: SetupOptions,
): Promise<Answer> {
  const [{ planSetup }, { planUndo }, { thisMachine: machine }, { scriptOf, viewOf }] = await Promise.all([
    import('../../setup/plan.ts'),
    import('../../setup/undo.ts'),
    import('../../setup/machine.ts'),
    import('../../setup/script.ts'),
  ])
  const { steps, left } = args.undo
    ? await planUndo(proxmox, machine, args)
    : { steps: await planSetup(proxmox, machine, options), left: [] }
  const views = steps.map(viewOf)
  if (args.script) return { data: { script: scriptOf(steps), left }, text: scriptOf(steps) }
  const stays = left.map(each => `It stays: ${each}`)
  const isOpen = steps.some(({ wasDone }) => !wasDone)
  if (args['dry-run'] || !isOpen) {
    return { data: { steps: views, left, changed: [] }, text: [await textOf(steps), ...stays].join('\n') }
  }
  if (!args.quiet) note([await textOf(steps), ...stays].join('\n'))
  await confirm(args, 'Make these changes?')
  const { applySteps } = await import('../../setup/apply.ts')
  const changed = await applySteps({ proxmox, machine }, steps, title => args.quiet || note(`Making so: ${title}`))
  const next = machine.hasSystemd ? 'appstore account add NAME --role admin' : 'start it: appstore serve, as appstore'
  return {
    data: { steps: views, left, changed },
    text: args.undo ? 'It is taken back' : `All is set up. Next: ${next}; then remove the administrator's token`,
  }
}

async function optionsOf(args: Args): Promise<SetupOptions> {
  const { url, pool, range, user, transport, fingerprint, storage: storages = [], bridge: bridges = [] } = args
  const ca = fingerprint === undefined ? await readCa(args.ca ?? '/etc/pve/pve-root-ca.pem') : undefined
  return {
    ...{ url, pool, range, user, transport, storages, bridges },
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(ca === undefined ? {} : { ca }),
  }
}

async function readCa(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new AppstoreError('APPSTORE_USAGE', `--ca: ${(cause as Error).message}`, {
      ...{ field: 'ca', cause },
      hint: "Give --fingerprint, SHA-256 of the node's certificate, or --ca",
    })
  }
}

/** The steps, each with what it does; content of files too. */
async function textOf(plan: readonly Planned[]): Promise<string> {
  const { contentsOf, viewOf } = await import('../../setup/script.ts')
  const lines = plan.flatMap(step => {
    const { title, why, done, changes } = viewOf(step)
    const head = `${done ? colour('green', 'done ') : colour('yellow', 'to do')}  ${title}: ${why}`
    if (done) return [head]
    const files = new Map(contentsOf(step.changes).map(({ name, text }) => [name, text]))
    return [
      head,
      ...changes.map(line => `         ${line}`),
      ...[...files].flatMap(([name, text]) => [
        `         ${name}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map(line => `           ${line}`),
      ]),
    ]
  })
  return lines.join('\n')
}
