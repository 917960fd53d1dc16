import type { Argv } from 'yargs'
import type { BranchView, CallOptions } from '../../api.ts'
import type { Pgd } from '../../pgd.ts'
import { type Common, verb } from '../verb.ts'
import { branchText } from '../view.ts'

/** The branch that a verb is about. */
export const named = (yargs: Argv<Common>) =>
  yargs.positional('branch', {
    type: 'string',
    demandOption: true,
    describe: 'project/branch, or the beginning of its id',
  })

/** A verb that does one thing with a branch and shows it. */
export const branchVerb = (
  command: string,
  describe: string,
  work: (pgd: Pgd, name: string, options: CallOptions) => Promise<BranchView>,
) =>
  verb({
    command,
    describe,
    builder: yargs => named(yargs),
    run: async (pgd, { branch: name }, options) => {
      const branch = await work(pgd, name, options)
      return { data: { branch }, text: branchText(branch) }
    },
  })
