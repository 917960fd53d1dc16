import { verb as make } from '../verb.ts'
import { named } from './branch-verb.ts'

/** `pgd password`. */
export const verb = make({
  command: 'password <branch>',
  describe: 'Print the password of a branch, or make a new one',
  builder: yargs =>
    named(yargs).option('rotate', { type: 'boolean', default: false, describe: 'Make a new one first' }),
  run: async (pgd, { branch, rotate }, options) => {
    if (rotate) await pgd.branches.rotatePassword(branch, options)
    const { user, password } = await pgd.branches.connection(branch)
    return { data: { user, password }, text: password }
  },
})
