import { groups } from '../../apps/pgd/src/cli/groups.ts'
import { options } from '../../apps/pgd/src/cli/help.ts'
import { table, verbSection, verbsOf } from './verbs.ts'

/** The page of the command, from the definitions that parse its command line. */
export async function pgdCommandsPage(): Promise<string> {
  const verbs = await verbsOf(groups)
  return [
    '# Commands of pgd',
    '',
    'Branches are named `project/branch`, or by the beginning of their id; at least four characters of it. Instants are',
    '`2026-01-31T08:00:00Z` or `"10m ago"`, spans `30s`, `5m`, `2h`, `7d`, sizes `512m`, `2g`. What is shown goes to standard',
    'output; what is said to a person who waits, and errors, to standard error. [Errors and exit statuses](pgd-errors.md).',
    '',
    '## Options of every command',
    '',
    ...table(
      'option',
      options.map(([name, about]) => [name, about]),
    ),
    '',
    'With `--json` the answer is one line with `"schema": "pgd/1"`; [its schema](pgd.schema.json). `PGD_STORE` and',
    '`PGD_RUNTIME` in the environment say the same as `--store` and `--runtime`.',
    '',
    ...verbs.flatMap(each => verbSection('pgd', each)),
    '## `pgd completion`',
    '',
    'Print a completion script for bash or zsh; it completes names of projects and branches too.',
    '',
  ].join('\n')
}
