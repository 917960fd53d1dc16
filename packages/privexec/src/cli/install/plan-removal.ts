import { readdir, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stagingDirectory, stagingRoot } from '../../argument/staged-content.ts'
import { call } from '../../auxiliary/call.ts'
import { ifPresent } from '../../auxiliary/present.ts'
import { policyDirectory, policyJsonPath, policyYamlPath } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { profileDirectory, sysusersDirectory, tmpfilesDirectory, unitDirectory } from '../../render/files.ts'
import { brokerPrograms } from '../../render/programs.ts'
import { dropInPath, sudoersDirectory } from '../../render/sudoers.ts'
import { runDirectory, socketDirectory, unitName } from '../../render/units/paths.ts'
import { callPath } from '../../transport/portable/path.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import { failed, statOf } from './node.ts'
import type { Step } from './step.ts'

/**
 * What uninstalling takes away: first what puts a policy in force, so that nothing is allowed that lacks its
 * surroundings. What only one of the transports makes is looked for whatever the policy says now.
 */
export async function planUninstall(policies: readonly Policy[]): Promise<Step[]> {
  const others = await otherPolicies(policies.map(({ name }) => name))
  const steps = [
    ...policies.map(({ name }) => file(dropInPath(name), 'rules of sudo')),
    ...policies.flatMap(({ name }) => systemSteps(name)),
    ...policies.flatMap(policySteps),
    ...policies.flatMap(({ name }) => [
      file(callPath(name), 'what sudo may start'),
      directory(socketDirectory(name), 'the way to the socket', emptyAndRemove),
      directory(stagingDirectory(name), 'staged content', emptyAndRemove),
      directory(dirname(stagingDirectory(name)), 'staging', rmdir),
    ]),
    ...brokerPrograms.map(({ path, what }) =>
      others.length === 0 ? file(path, what) : keep(path, `still needed by ${others.join(', ')}`),
    ),
  ]
  const left = [...steps, ...(others.length === 0 ? sharedDirectories() : [])]
  const present = await Promise.all(left.map(async step => ((await statOf(step.path)) === undefined ? [] : [step])))
  return present.flat()
}

/** Names of the installed policies beside these, by their rules of sudo, their units, and what root reads. */
async function otherPolicies(ours: readonly string[]): Promise<string[]> {
  const found = [
    ...(await names(sudoersDirectory)).map(name => /^privexec_(\w+)$/.exec(name)),
    ...(await names(unitDirectory)).map(name => /^privexecd-(\w+)\.socket$/.exec(name)),
    ...(await names(policyDirectory)).map(name => /^(\w+)\.json$/.exec(name)),
  ].flatMap(match => match?.[1] ?? [])
  return [...new Set(found)].filter(name => !ours.includes(name))
}

/** The unit is stopped before its file goes: without the file, systemd would not know what to stop. */
const systemSteps = (policy: string): Step[] => {
  const unit = unitName(policy)
  return [
    {
      path: join(unitDirectory, `${unit}.socket`),
      state: 'remove',
      what: 'socket, stopped',
      apply: async () => {
        await stopUnits([`${unit}.socket`, `${unit}.service`])
        await rm(join(unitDirectory, 'sockets.target.wants', `${unit}.socket`), { force: true })
        await rm(join(unitDirectory, `${unit}.socket`), { force: true })
      },
    },
    file(join(unitDirectory, `${unit}.service`), 'unit of the root-side broker'),
    file(join(tmpfilesDirectory, `privexec-${policy}.conf`), 'directories after a boot'),
    file(join(sysusersDirectory, `privexec-${policy}.conf`), 'the principal'),
    file(join(profileDirectory, unit), 'profile of the broker'),
  ]
}

async function stopUnits(units: readonly string[]): Promise<void> {
  if ((await statOf('/run/systemd/system')) === undefined) return
  const { status, stderr } = await call('/usr/bin/systemctl', ['disable', '--now', ...units])
  if (status !== 0 && !/not loaded|does not exist/.test(stderr)) throw failed(`${units.join(', ')} cannot be stopped`)
}

const file = (path: string, what: string): Step => ({
  path,
  state: 'remove',
  what,
  apply: () => rm(path, { force: true }),
})

const directory = (path: string, what: string, remove: (path: string) => Promise<void>): Step => ({
  path,
  state: 'remove',
  what,
  apply: () => remove(path),
})

/** What all policies share, the deeper first; whatever else lies there stays. */
const sharedDirectories = (): Step[] =>
  [
    dirname(endOperation),
    stagingRoot,
    dirname(stagingRoot),
    policyDirectory,
    dirname(policyDirectory),
    runDirectory,
  ].map(path => directory(path, 'unless something else is in it', removeIfEmpty))

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EBUSY') throw error
  })
}

const keep = (path: string, what: string): Step => ({ path, state: 'keep', what })

/** The copies that install made; a policy that was written there is its author's only one. */
function policySteps({ name, source }: Policy): Step[] {
  const path = policyYamlPath(name)
  const json = file(policyJsonPath(name), 'the policy, as root reads it')
  return [json, source === path ? keep(path, 'the policy itself: remove it by hand') : file(path, 'copy of the policy')]
}

/** Flat names only: to go down into directories that strangers own would be a race. */
async function emptyAndRemove(path: string): Promise<void> {
  for (const name of await names(path)) await unlink(join(path, name))
  await rmdir(path)
}

const names = async (path: string): Promise<string[]> => (await ifPresent(readdir(path))) ?? []
