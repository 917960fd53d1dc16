import { errorRegistry } from '../../apps/appstore/src/errors/registry.ts'
import { adviceList, codesTable, statusList } from './registry.ts'

/** The page of error codes of the app store, from the registry. */
export function appstoreErrorsPage(): string {
  return [
    '# Errors of the app store',
    '',
    'Every error of the daemon is an `AppstoreError` with one of these codes, a message, `advice`, and exactly one true',
    'boolean for the reason. Where a value is wrong, it has `field`; where several are, `problems`, each with its field, and',
    'with file, line and column where it stands in a file. The API reports the same as problem details (RFC 9457).',
    '',
    ...codesTable(errorRegistry, 'appstore'),
    '',
    '## Statuses of HTTP answers',
    '',
    ...httpList(),
    '',
    '## What to do',
    '',
    'The page and the command say this below the message, or something that fits the case better.',
    '',
    ...adviceList(errorRegistry),
    '',
    '## Exit statuses of `appstore`',
    '',
    'They follow sysexits.h where it has one; each class of errors has one number.',
    '',
    '- 0: done.',
    ...statusList(errorRegistry),
    '',
  ].join('\n')
}

/** Each HTTP status with the codes that it reports, ascending. */
const httpList = (): string[] =>
  [...Map.groupBy(Object.entries(errorRegistry), ([, { http }]) => http)]
    .sort(([a], [b]) => a - b)
    .map(([status, entries]) => `- ${status}: ${entries.map(([code]) => `\`${code}\``).join(', ')}.`)
