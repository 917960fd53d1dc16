import { errorRegistry } from '../../apps/pgd/src/errors/registry.ts'
import { adviceList, codesTable, statusList } from './registry.ts'

/** The page of error codes of pgd, from the registry. */
export function pgdErrorsPage(): string {
  return [
    '# Errors of pgd',
    '',
    'Every error of the library is a `PgdError` with one of these codes, a message, `advice`, and exactly one true boolean',
    'for the reason. Where a program failed, it has `program`, `exitCode` and `stderr`; where an option or argument is wrong,',
    '`field`. With `--json` the command prints the same as one line of JSON on standard error ([schema](pgd.schema.json)).',
    '',
    ...codesTable(errorRegistry, 'pgd'),
    '',
    '## What to do',
    '',
    'The command says this below the message, or something that fits the case better.',
    '',
    ...adviceList(errorRegistry),
    '',
    '## Exit statuses of `pgd`',
    '',
    'They follow sysexits.h where it has one; each class of errors has one number. `pgd run` and `pgd connect` exit with the',
    'status of their program, and with 128 + n when signal n ended it.',
    '',
    '- 0: done.',
    ...statusList(errorRegistry),
    '- 70, with the code `INTERNAL`: a fault of pgd itself.',
    '',
  ].join('\n')
}
