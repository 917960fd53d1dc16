import { runWith } from '../child.ts'
import { usage } from '../failure.ts'
import { verb as make } from '../verb.ts'
import { named } from './branch-verb.ts'

/** `pgd run`. */
export const verb = make({
  command: 'run <branch>',
  describe: 'Run a program with DATABASE_URL of a branch',
  builder: yargs =>
    named(yargs)
      .option('ephemeral', {
        type: 'boolean',
        default: false,
        describe: 'Make the branch for it, and delete it afterwards',
      })
      .option('parent', { type: 'string', requiresArg: true, describe: 'Branch to make it from, with --ephemeral' })
      .example('$0 run shop/dev -- npm start', '')
      .example('$0 run shop/test --ephemeral -- npm test', 'A fresh branch that is gone afterwards'),
  run: async (pgd, args, options) => {
    const { branch, ephemeral, parent } = args
    const [program, ...words] = ((args as { '--'?: readonly string[] })['--'] ?? []).map(String)
    if (program === undefined) throw usage('Say what to run after --: pgd run shop/dev -- npm test')
    if (parent !== undefined && !ephemeral) throw usage('--parent goes with --ephemeral', 'parent')
    if (!ephemeral) return runWith(await pgd.branches.connection(branch), [program, ...words])
    const wish = { ...options, ...(parent === undefined ? {} : { parent }) }
    return pgd.branches.use(branch, wish, (_view, connection) => runWith(connection, [program, ...words]))
  },
})
