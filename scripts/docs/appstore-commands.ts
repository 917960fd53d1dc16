import { groups } from '../../apps/appstore/src/cli/groups.ts'
import { globalOptions } from '../../apps/appstore/src/cli/options.ts'
import { table, verbSection, verbsOf } from './verbs.ts'

/** The page of the `appstore` command, from the definitions that parse its command line. */
export async function appstoreCommandsPage(): Promise<string> {
  const verbs = await verbsOf(groups)
  const options = Object.entries<{ readonly default: boolean; readonly describe: string }>(globalOptions)
  return [
    '# Commands of appstore',
    '',
    '`serve`, `setup` and, where nobody is logged in, `account add` work on this machine; all others ask the daemon that this',
    'account is logged in to. Installs are named by name or id. What is shown goes to standard output; what is said to a person who waits, and errors, to',
    'standard error. [Errors and exit statuses](appstore-errors.md).',
    '',
    '## Options of every command',
    '',
    ...table(
      'option',
      options.map(([name, told]) => [told.default ? `--no-${name}` : `--${name}`, aboutOf(told)]),
    ),
    '',
    'With `--json` the answer is one line of JSON.',
    '',
    ...verbs.flatMap(each => verbSection('appstore', each)),
    '## `appstore completion`',
    '',
    'Print a completion script for bash or zsh.',
    '',
  ].join('\n')
}

/** A switch that is on is documented by what turns it off. */
const aboutOf = (told: { readonly default: boolean; readonly describe: string }): string =>
  told.default ? `Do not ${told.describe.charAt(0).toLowerCase()}${told.describe.slice(1)}` : told.describe
