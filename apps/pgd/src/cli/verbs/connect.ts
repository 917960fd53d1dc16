import { isPgdError, PgdError } from '../../errors/error.ts'
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
    try {
      return await runWith(await pgd.branches.connection(args.branch), ['psql', ...words])
    } catch (cause) {
      const isMissing = isPgdError(cause) && (cause.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
      if (!isMissing) throw cause
      const hint = `Install it, as postgresql-client of Debian; or give the URL to another client: pgd url ${args.branch}`
      throw new PgdError('PGD_PROGRAM_FAILED', 'There is no psql here', { program: 'psql', hint, cause })
    }
  },
})
