import { errorRegistry } from '../../packages/privexec/src/index.ts'
import { adviceList, codesTable, statusList } from './registry.ts'

/** The page of error codes, from the registry. */
export function errorsPage(): string {
  return [
    '# Errors',
    '',
    'Every error is a `PrivexecError` with one of these codes, a message, `advice`, and exactly one true boolean for the',
    'reason. It has the fields of a result as far as the operation came: `argv`, `exitCode`, `stdout`, `stderr`, `duration`.',
    '`ended: false` says that something that root started may still be running.',
    '',
    ...codesTable(errorRegistry, 'privexec'),
    '',
    '## What to do',
    '',
    ...adviceList(errorRegistry),
    '',
    '## Exit statuses of `privexec`',
    '',
    'They follow sysexits.h where it has one. `privexec run` exits with the status of the program when that ran.',
    '',
    '- 0: done.',
    '- 1: a check found something, or the program failed.',
    ...statusList(aboveOne),
    '- 128 + n: a signal ended `privexec` itself.',
    '',
  ].join('\n')
}

/** What 1 means is said in words. */
const aboveOne = Object.fromEntries(Object.entries(errorRegistry).filter(([, { exit }]) => exit > 1))
