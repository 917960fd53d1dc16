import { parseSpan } from '../../names/span.ts'
import { confirm } from '../confirm.ts'
import { usage } from '../failure.ts'
import { verb as make, verbGroup } from '../verb.ts'
import { mendingText, snapshotTable } from '../view.ts'
import { named } from './branch-verb.ts'

const create = make({
  command: 'create <branch>',
  describe: 'Keep the present data of a branch',
  builder: yargs =>
    named(yargs).option('label', { type: 'string', requiresArg: true, describe: 'A word to find it by' }),
  run: async (pgd, { branch, label }, options) => {
    const snapshot = await pgd.snapshots.create(branch, { ...options, ...(label === undefined ? {} : { label }) })
    return { data: { snapshot }, text: snapshotTable([snapshot]) }
  },
})

const list = make({
  command: 'list [branch]',
  describe: 'List the snapshots of a branch, or all',
  builder: yargs =>
    yargs.positional('branch', { type: 'string', describe: 'project/branch, or the beginning of its id' }),
  run: async (pgd, { branch }) => {
    const snapshots = await pgd.snapshots.list(branch)
    return { data: { snapshots }, text: snapshotTable(snapshots) }
  },
})

const remove = make({
  command: 'delete <snapshot>',
  describe: 'Delete a snapshot that no branch was made from',
  builder: yargs =>
    yargs.positional('snapshot', { type: 'string', demandOption: true, describe: 'Beginning of its id' }),
  run: async (pgd, args, options) => {
    await confirm(args, `Delete the snapshot ${args.snapshot}?`)
    await pgd.snapshots.delete(args.snapshot, options)
    return { data: { deleted: args.snapshot }, text: '' }
  },
})

const prune = make({
  command: 'prune <branch>',
  describe: 'Delete old snapshots of a branch',
  builder: yargs =>
    named(yargs)
      .option('older-than', { type: 'string', requiresArg: true, describe: 'Those that are older: 30d' })
      .option('keep', { type: 'string', requiresArg: true, describe: 'How many of the newest stay in any case' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Say what would go, and delete nothing' })
      .example('$0 snapshot prune shop/main --older-than 30d --keep 3', ''),
  run: async (pgd, args, options) => {
    const { 'older-than': age, keep, 'dry-run': dryRun } = args
    if (keep !== undefined && !/^\d{1,6}$/.test(keep)) throw usage('--keep needs a number', 'keep')
    if (!dryRun) await confirm(args, `Delete old snapshots of ${args.branch}?`)
    const pruned = await pgd.snapshots.prune(args.branch, {
      ...options,
      dryRun,
      ...(age === undefined ? {} : { olderThan: parseSpan(age, 'older-than') }),
      ...(keep === undefined ? {} : { keep: Number(keep) }),
    })
    return { data: { done: pruned }, text: mendingText(pruned, dryRun) }
  },
})

/** `pgd snapshot …`. */
export const verb = verbGroup('snapshot', 'Make, list and delete snapshots of a branch', [
  create,
  list,
  remove,
  prune,
] as never)
