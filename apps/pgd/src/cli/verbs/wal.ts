import { verb as make, verbGroup } from '../verb.ts'
import { mendingText, walText } from '../view.ts'
import { named } from './branch-verb.ts'

const info = make({
  command: 'info <branch>',
  describe: 'Show what the archive holds, and which times --at takes',
  builder: yargs => named(yargs),
  run: async (pgd, { branch }) => {
    const wal = await pgd.wal.info(branch)
    return { data: { wal }, text: walText(wal) }
  },
})

const prune = make({
  command: 'prune <branch>',
  describe: 'Delete what no snapshot of the branch needs',
  builder: yargs =>
    named(yargs).option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'Say what would go, and delete nothing',
    }),
  run: async (pgd, { branch, 'dry-run': dryRun }, options) => {
    const done = await pgd.wal.prune(branch, { ...options, dryRun })
    return { data: { done }, text: mendingText(done, dryRun) }
  },
})

/** `pgd wal …`. */
export const verb = verbGroup('wal', "Look at a branch's archive, and prune it", [info, prune] as never)
