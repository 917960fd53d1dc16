import type { World } from '../world/world.ts'
import { type Finding, findings } from './finding.ts'

/** More than clocks drift in the time that this takes, milliseconds. */
const tolerance = 2000

/** How far the clock was set since a first look, beside the monotonic one, in milliseconds. */
export function watchClock(real: () => number = Date.now, monotonic: () => number = () => performance.now()) {
  const [began, from] = [real(), monotonic()]
  return (): number => real() - began - (monotonic() - from)
}

/**
 * Whether the clock goes evenly, and has never been set back behind what was made before: a time to take a branch back to
 * is by this clock.
 */
export function checkClock(world: World, now: number, jump: number): readonly Finding[] {
  const found = findings('clock')
  const advice = 'Have it kept by one service: timedatectl set-ntp true'
  if (Math.abs(jump) > tolerance) found.warning(`The clock was set by ${Math.round(jump)} ms meanwhile`, advice)
  const volumes = world.branches.flatMap(branch => branch.volumes)
  const latest = Math.max(0, ...[...volumes, ...world.snapshots].map(({ facts }) => facts.created))
  if (latest > now + tolerance) {
    const when = new Date(latest).toISOString()
    found.problem(`Something was made at ${when}, which is in the future: the clock was set back`, advice)
  }
  if (found.list.length === 0) found.ok('The clock goes evenly')
  return found.list
}
