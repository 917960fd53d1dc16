import type { Context } from '../context.ts'
import { isPgdError } from '../errors/error.ts'
import { isFree } from '../locks/ports.ts'
import { showRef } from '../names/ref.ts'
import { repair } from '../operations/repair.ts'
import { walOf } from '../operations/wal.ts'
import { type Branch, serverOf, type World } from '../world/world.ts'
import { type Finding, findings } from './finding.ts'

/** What `pgd repair` would do, and whether running branches archive and stopped ones still have their port. */
export async function checkBranches(context: Context, world: World): Promise<readonly Finding[]> {
  const found = findings('branches')
  const open = await repair(context, { dryRun: true })
  for (const { subject, action } of open) found.warning(`${subject}: ${action}`, 'pgd repair, or pgd doctor --fix')
  const ready = world.branches.filter(({ current }) => current !== undefined)
  for (const branch of ready) await checkBranch(context, branch, found)
  if (found.list.length === 0) found.ok(`${ready.length} branches are as they should be`)
  return found.list
}

async function checkBranch(context: Context, branch: Branch, found: ReturnType<typeof findings>): Promise<void> {
  const name = showRef(branch)
  const { port } = branch.current?.facts ?? {}
  if (serverOf(branch)?.state !== 'running') {
    if (port === undefined || (await isFree(port))) return
    return found.problem(
      `The port ${port} of ${name} is taken by another program`,
      `pgd branch restart ${name} --port N`,
    )
  }
  try {
    const { failure, gaps } = await walOf(context, name)
    if (failure !== undefined) found.problem(`${name}: ${failure}`, `pgd wal info ${name}`)
    if (gaps.length > 0) {
      const advice = `pgd snapshot create ${name}; times before it stay out of reach`
      found.warning(`${name}: ${gaps.length} segments lack in its archive`, advice)
    }
  } catch (error) {
    if (!isPgdError(error)) throw error
    found.problem(`${name} runs, and does not answer: ${error.message}`, `pgd branch restart ${name}`)
  }
}
