import { verb as make } from '../verb.ts'
import { named } from './branch-verb.ts'

/** `pgd url`. */
export const verb = make({
  command: 'url <branch>',
  describe: 'Print the URL of a branch, with its password',
  builder: yargs => named(yargs).example('psql "$(pgd url shop/dev)"', ''),
  run: async (pgd, { branch }) => {
    const { url } = await pgd.branches.connection(branch)
    return { data: { url }, text: url }
  },
})
