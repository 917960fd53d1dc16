import type { Mending } from '../../api.ts'
import type { MendOptions } from '../../operations/repair.ts'
import type { Pgd } from '../../pgd.ts'
import { verb } from '../verb.ts'
import { mendingText } from '../view.ts'

/** Exit status when something could not be done. */
const someFailed = 70

/** A verb that mends or cleans all that there is. */
export const mendVerb = (
  command: string,
  describe: string,
  work: (pgd: Pgd, options: MendOptions) => Promise<readonly Mending[]>,
) =>
  verb({
    command,
    describe,
    builder: yargs =>
      yargs.option('dry-run', { type: 'boolean', default: false, describe: 'Say what would be done, and do nothing' }),
    run: async (pgd, { 'dry-run': dryRun }, options) => {
      const done = await work(pgd, { ...options, dryRun })
      const isDone = dryRun || done.every(one => one.done)
      return { data: { done }, text: mendingText(done, dryRun), exit: isDone ? 0 : someFailed }
    },
  })
