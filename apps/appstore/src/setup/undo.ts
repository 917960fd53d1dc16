import { calls, type Proxmox } from '@broker/proxmox'
import { withProxmox } from '../guests/failure.ts'
import { isOf } from './access.ts'
import { type Machine, privexec } from './machine.ts'
import { account, paths } from './paths.ts'
import { roleNames } from './privileges.ts'
import { api, type Planned, planned, run, type Step } from './step.ts'
import { comment, madeBy } from './texts.ts'

/** What is taken back, and what stays although the setup made it, each with the reason. */
export interface Undoing {
  readonly steps: readonly Planned[]
  readonly left: readonly string[]
}

/**
 * How what the setup made is taken back. Guests, the database and the account stay: `purge` removes account and database,
 * guests are removed by `appstore uninstall`. What somebody else made stays, too.
 */
export async function planUndo(
  proxmox: Proxmox,
  machine: Machine,
  { pool, user, purge }: { readonly pool: string; readonly user: string; readonly purge: boolean },
): Promise<Undoing> {
  const left: string[] = []
  return withProxmox('Looking at the node', async () => {
    const steps = [
      ...(machine.hasSystemd ? [stopStep(machine)] : []),
      fileStep(machine, paths.unit, 'nothing starts the daemon any more', ...(machine.hasSystemd ? [reload] : [])),
      ...(await policySteps(machine, left)),
      ...(await accessSteps(proxmox, { pool, user }, left)),
      fileStep(machine, paths.token, 'its token is gone'),
      fileStep(machine, paths.ca, 'nobody reads it any more'),
      ...(await configSteps(machine, left)),
      ...(purge ? purgeSteps(machine) : []),
    ]
    if (!purge)
      left.push(`${paths.state} and the account ${account}, with the key of all secrets: --purge removes them`)
    return { steps: await planned(steps), left }
  })
}

const reload = run('/usr/bin/systemctl', 'daemon-reload')

function stopStep(machine: Machine): Step {
  const isNot = async (verb: string): Promise<boolean> =>
    (await machine.run(['/usr/bin/systemctl', verb, '--quiet', 'appstore.service'])).exitCode !== 0
  return {
    title: 'the daemon, stopped',
    why: 'jobs that run are left as they are',
    changes: [run('/usr/bin/systemctl', 'disable', '--now', 'appstore.service')],
    isDone: async () => (await isNot('is-active')) && (await isNot('is-enabled')),
  }
}

const fileStep = (machine: Machine, path: string, why: string, ...more: Step['changes']): Step => ({
  title: `${path}, removed`,
  why,
  changes: [run('/usr/bin/rm', '--', path), ...more],
  isDone: async () => (await machine.look(path)) === undefined,
})

async function policySteps(machine: Machine, left: string[]): Promise<Step[]> {
  const text = await machine.read(paths.policy)
  if (text !== undefined && !text.startsWith(`${madeBy}\n`)) {
    left.push(`${paths.policy}, which was not made by appstore setup`)
    return []
  }
  return [
    {
      title: `the policy ${paths.policy}, out of force`,
      why: `root runs nothing for ${account} any more; its records stay`,
      // Uninstalling leaves what was written by hand, which this was not.
      changes: [run(...privexec('policy', 'uninstall', account)), run('/usr/bin/rm', '-f', '--', paths.policy)],
      isDone: async () => (await machine.look(paths.policy)) === undefined,
    },
  ]
}

async function configSteps(machine: Machine, left: string[]): Promise<Step[]> {
  const text = await machine.read(paths.config)
  if (text === undefined || text.startsWith(`${madeBy}\n`))
    return [fileStep(machine, paths.config, 'the setup made it; sources and settings in it go along')]
  left.push(`${paths.config}, which was not made by appstore setup`)
  return []
}

async function accessSteps(
  proxmox: Proxmox,
  { pool, user }: { readonly pool: string; readonly user: string },
  left: string[],
): Promise<Step[]> {
  const steps: Step[] = []
  const findUser = async () => (await proxmox.access.users()).find(({ userid }) => userid === user)
  const found = await findUser()
  if (found !== undefined && found.comment !== comment) left.push(`${user}, which was not made by appstore setup`)
  else {
    steps.push({
      title: `the user ${user} of Proxmox, removed`,
      why: 'with its token and its rights',
      changes: [api(calls.access.removeUser.call({ userid: user as never }))],
      isDone: async () => (await findUser()) === undefined,
    })
  }
  const acl = await proxmox.access.acl()
  for (const role of roleNames) {
    const other = acl.find(({ roleid, ugid }) => roleid === role && !isOf(ugid, user))
    if (other !== undefined) left.push(`the role ${role}, which others have, too`)
    else {
      steps.push({
        title: `the role ${role}, removed`,
        why: 'nobody has it',
        changes: [api(calls.access.removeRole.call({ roleid: role as never }))],
        isDone: async () => !(await proxmox.access.roles()).some(({ roleid }) => roleid === role),
      })
    }
  }
  const findPool = async () => (await proxmox.pools.list()).find(({ poolid }) => poolid === pool)
  const present = await findPool()
  const members =
    present === undefined ? [] : ((await proxmox.pools.list({ poolid: present.poolid }))[0]?.members ?? [])
  if (members.length > 0) left.push(`the pool ${pool}, which has ${members.length} members`)
  else if (present !== undefined && present.comment !== comment)
    left.push(`the pool ${pool}, which was not made by appstore setup`)
  else {
    steps.push({
      title: `the pool ${pool}, removed`,
      why: 'it is empty',
      changes: [api(calls.pools.remove.call({ poolid: pool as never }))],
      isDone: async () => (await findPool()) === undefined,
    })
  }
  return steps
}

const purgeSteps = (machine: Machine): Step[] => [
  ...[paths.state, paths.folder].map(path => ({
    title: `${path}, removed`,
    why: 'with all that is in it; what apps know of their secrets stays in their guests only',
    changes: [run('/usr/bin/rm', '-r', '--one-file-system', '--', path)],
    isDone: async () => (await machine.look(path)) === undefined,
  })),
  {
    title: `the account ${account}, removed`,
    why: 'nothing of it is left, but its records',
    changes: [run('/usr/sbin/userdel', account)],
    isDone: async () => (await machine.run(['/usr/bin/getent', 'passwd', account])).exitCode !== 0,
  },
]
