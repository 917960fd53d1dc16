import { runWith } from '../child.ts'
import { verb as make } from '../verb.ts'
import { named } from './branch-verb.ts'

/** `pgd connect`. */
export const verb = make({
  command: 'connect <branch>',
  describe: 'Open psql on a branch; what follows -- is given to it',
  builder: yargs => named(yargs).example('$0 connect shop/dev -- -c "select now()"', ''),
  run: async (pgd, args) => {
    const words = ((args as { '--'?: readonly string[] })['--'] ?? []).map(String)
    return runWith(await pgd.branches.connection(args.branch), ['psql', ...words])
  },
})
