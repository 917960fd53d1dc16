import { isPgdError } from '../errors/error.ts'
import { showRef } from '../names/ref.ts'
import { clockAhead, clockTolerance } from '../postgres/clock.ts'
import { withSession } from '../postgres/connect.ts'
import { layoutBelow } from '../serve/layout.ts'
import { isReady } from '../world/find.ts'
import { serverOf, type World } from '../world/world.ts'
import { type Finding, findings } from './finding.ts'

/**
 * Whether servers have the same clock as this process: times to go back to are given by the one, and looked for by the
 * other. Those of one runtime share theirs, so one of each is asked.
 */
export async function checkServerClocks(world: World): Promise<readonly Finding[]> {
  const found = findings('clock')
  const running = world.branches.filter(isReady).filter(branch => serverOf(branch)?.state === 'running')
  const first = new Map(running.map(branch => [world.projects.get(branch.project)?.runtime, branch]))
  for (const branch of first.values()) {
    try {
      const ahead = await withSession({ run: layoutBelow(branch.current.path).run }, session => clockAhead(session))
      if (Math.abs(ahead) <= clockTolerance) continue
      const message = `The clock of the server of ${showRef(branch)} is ${Math.abs(ahead)} ms ${ahead > 0 ? 'ahead' : 'behind'}`
      found.problem(message, 'Let one service keep both clocks; times for --at are refused until then')
    } catch (error) {
      // That it does not answer is told with the branches.
      if (!isPgdError(error)) throw error
    }
  }
  return found.list
}
