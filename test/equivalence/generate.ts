import { edited } from './edit.ts'
import { drawArgv, type Place } from './meaning.ts'
import type { Random } from './random.ts'

/** Arguments as a process can have them: no NUL, and no half of a surrogate pair, which cannot be written as UTF-8. */
export const canBeArgv = (args: readonly string[]): boolean =>
  args.every(arg => !arg.includes('\0') && arg.isWellFormed())

/** Arguments for a command: legal ones, and as many that are one edit away. */
export function* argvs(places: readonly Place[], count: number, random: Random): Generator<readonly string[]> {
  let legal = drawArgv(places, random)
  for (let made = 0; made < count; ) {
    const even = made % 2 === 0
    if (even) legal = drawArgv(places, random)
    const args = even ? legal : edited(legal, random)
    if (!canBeArgv(args)) continue
    made++
    yield args
  }
}
