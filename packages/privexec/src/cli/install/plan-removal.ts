import { readdir, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stagingDirectory, stagingRoot } from '../../argument/staged-content.ts'
import type { Policy } from '../../policy/policy.ts'
import { dropInName } from '../../render/sudoers.ts'
import { endOperation } from '../../transport/sudo/paths.ts'
import { policyDirectory } from '../find-policy.ts'
import { statOf } from './node.ts'
import { sudoersDirectory } from './paths.ts'
import type { Step } from './step.ts'

/** What uninstalling takes away: the drop-ins first, so that nothing is allowed that lacks its surroundings. */
export async function planUninstall(policies: readonly Policy[]): Promise<Step[]> {
  const dropIns = policies.map(({ name }) => dropInName(name))
  const others = (await names(sudoersDirectory)).filter(name => name.startsWith('privexec_') && !dropIns.includes(name))
  const steps = [
    ...dropIns.map(name => file(join(sudoersDirectory, name), 'rules of sudo')),
    ...policies.map(policyStep),
    ...policies.flatMap(({ name }) => [
      directory(stagingDirectory(name), 'staged content', emptyAndRemove),
      directory(dirname(stagingDirectory(name)), 'staging', rmdir),
    ]),
    others.length === 0
      ? file(endOperation, 'ends operations')
      : keep(endOperation, `still needed by ${others.join(', ')}`),
  ]
  const left = [...steps, ...(others.length === 0 ? sharedDirectories() : [])]
  const present = await Promise.all(left.map(async step => ((await statOf(step.path)) === undefined ? [] : [step])))
  return present.flat()
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
  [dirname(endOperation), stagingRoot, dirname(stagingRoot), policyDirectory, dirname(policyDirectory)].map(path =>
    directory(path, 'unless something else is in it', removeIfEmpty),
  )

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EBUSY') throw error
  })
}

const keep = (path: string, what: string): Step => ({ path, state: 'keep', what })

/** The copy that install made; a policy that was written there is its author's only one. */
function policyStep({ name, source }: Policy): Step {
  const path = join(policyDirectory, `${name}.yaml`)
  return source === path ? keep(path, 'the policy itself: remove it by hand') : file(path, 'copy of the policy')
}

/** Flat names only: to go down into directories that strangers own would be a race. */
async function emptyAndRemove(path: string): Promise<void> {
  for (const name of await names(path)) await unlink(join(path, name))
  await rmdir(path)
}

async function names(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
