import type { Finding, InstallView, Status } from '../../contract.ts'
import { colour, list as pairs, print, shown, table } from '../output.ts'
import { pathOf } from '../values.ts'
import { verb } from '../verb.ts'

const one = (yargs: { positional: (name: string, options: object) => unknown }) =>
  yargs.positional('install', { type: 'string', demandOption: true, describe: 'Name or id' }) as never

export const list = verb({
  command: 'list',
  describe: 'List installs',
  run: async (_, client) => {
    const found = await client().get<{ installs: InstallView[] }>('/installs')
    const rows = found.installs.map(({ name, status, live, vmid, apps, upgrades }) => [
      name,
      status === 'active' ? live.state : status,
      vmid === undefined ? '-' : String(vmid),
      live.addresses[0] ?? '-',
      apps.map(({ app, version }) => `${app} ${shown(version)}`).join(', '),
      upgrades.map(({ app, to }) => `${app} ${shown(to)}`).join(', '),
    ])
    return { data: found, text: table(['INSTALL', 'STATE', 'GUEST', 'ADDRESS', 'APPS', 'UPGRADES'], rows) }
  },
})

export const show = verb<{ install: string }>({
  command: 'show <install>',
  describe: 'Show an install',
  builder: yargs => one(yargs as never),
  run: async ({ install }, client) => {
    const found = await client().get<InstallView>(pathOf(install))
    const { name, id, status, live, vmid, resources, volumes, apps, secrets } = found
    const text = pairs([
      ['Install', name],
      ['Id', id],
      ['State', status === 'active' ? live.state : status],
      ['Guest', vmid === undefined ? undefined : String(vmid)],
      ['Addresses', live.addresses.join(', ') || undefined],
      ['Resources', `${resources.cores} cores, ${resources.memory} MiB, ${resources.disk} GiB`],
      [
        'Volumes',
        volumes.map(volume => `${volume.name} (${volume.size} GiB at ${volume.path})`).join(', ') || undefined,
      ],
      ['Secrets', secrets.join(', ') || undefined],
      ...apps.flatMap(({ app, version, outputs }) => [
        ['App', `${app} ${shown(version)}`] as const,
        ...outputs.map(
          ({ label, value }) => [`  ${shown(label)}`, value === undefined ? '***' : shown(value, 500)] as const,
        ),
      ]),
    ])
    return { data: { install: found }, text }
  },
})

export const secret = verb<{ install: string; name: string }>({
  command: 'secret <install> <name>',
  describe: 'Print a secret of an install',
  builder: yargs =>
    yargs
      .positional('install', { type: 'string', demandOption: true })
      .positional('name', { type: 'string', demandOption: true, describe: 'APP/KEY, as show lists it' }) as never,
  run: async ({ install, name }, client) => {
    const [app = '', key = ''] = name.split('/', 2)
    const path = `/secrets/${encodeURIComponent(app)}/${encodeURIComponent(key)}`
    const found = await client().get<{ value: string }>(pathOf(install, path))
    return { data: found, text: found.value }
  },
})

export const logs = verb<{ install: string; follow: boolean; lines: number }>({
  command: 'logs <install>',
  describe: "Print the log of an install's guest",
  builder: yargs =>
    yargs
      .positional('install', { type: 'string', demandOption: true })
      .option('follow', { alias: 'f', type: 'boolean', default: false })
      .option('lines', { alias: 'n', type: 'number', default: 200 }) as never,
  run: async ({ install, follow, lines }, client) => {
    const query = new URLSearchParams({ lines: String(lines), follow: String(follow) })
    await client().events(pathOf(install, `/logs?${query}`), (name, data) => {
      if (name === 'line') void print(String(JSON.parse(data)))
    })
    return 0
  },
})

export const status = verb({
  command: 'status',
  describe: 'Show the daemon and the node',
  run: async (_, client) => {
    const found = await client().get<Status>('/status')
    const { version, node, proxmox, pool, range, jobs, lab } = found
    const text = pairs([
      ['App store', `${version}${lab ? ' (lab)' : ''}`],
      ['Node', node],
      ['Proxmox', proxmox.reachable ? proxmox.version : shown(proxmox.error ?? 'not reachable', 300)],
      ['Pool', pool],
      ['Ids', `${range.from} to ${range.to}, ${range.free} free`],
      ['Jobs', `${jobs.running} running, ${jobs.queued} queued`],
    ])
    return { data: { status: found }, text }
  },
})

const marks = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const

export const doctor = verb<{ config?: string }>({
  command: 'doctor',
  describe: 'Check everything by doing it',
  builder: yargs =>
    yargs.option('config', {
      type: 'string',
      requiresArg: true,
      describe: 'Check this configuration from here, as the account of the daemon, which need not run',
    }) as never,
  run: async ({ config }, client) => {
    const found =
      config === undefined
        ? await client().send<{ findings: readonly Finding[] }>('POST', '/doctor')
        : { findings: await (await import('../../doctor/here.ts')).doctorHere(config) }
    const text = found.findings
      .map(({ check, state, text: words, fix }) =>
        [
          `${colour(marks[state], state.padEnd(7))}  ${check}: ${shown(words, 500)}`,
          ...(fix ? [`         ${shown(fix, 500)}`] : []),
        ].join('\n'),
      )
      .join('\n')
    return { data: found, text, exit: found.findings.some(({ state }) => state === 'failed') ? 78 : 0 }
  },
})
