import { errorRegistry } from '../../packages/privexec/src/index.ts'

/** The page of error codes, from the registry. */
export function errorsPage(): string {
  const rows = Object.entries(errorRegistry)
  return [
    '# Errors',
    '',
    'Every error is a `PrivexecError` with one of these codes, a message, `advice`, and exactly one true boolean for the',
    'reason. It has the fields of a result as far as the operation came: `argv`, `exitCode`, `stdout`, `stderr`, `duration`.',
    '`ended: false` says that something that root started may still be running.',
    '',
    '| code | reason | exit status of `privexec` | meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ([code, { reason, exit, summary }]) => `| \`${code}\` | \`is${title(reason)}\` | ${exit} | ${summary} |`,
    ),
    '',
    '## What to do',
    '',
    ...rows.map(([code, { advice }]) => `- \`${code}\`: ${advice}.`),
    '',
    '## Exit statuses of `privexec`',
    '',
    'They follow sysexits.h where it has one. `privexec run` exits with the status of the program when that ran.',
    '',
    '- 0: done.',
    '- 1: a check found something, or the program failed.',
    ...statuses(),
    '- 128 + n: a signal ended `privexec` itself.',
    '',
  ].join('\n')
}

function statuses(): string[] {
  const codes = Map.groupBy(Object.entries(errorRegistry), ([, entry]) => entry.exit)
  return [...codes]
    .filter(([exit]) => exit > 1)
    .sort(([a], [b]) => a - b)
    .map(([exit, entries]) => `- ${exit}: ${entries.map(([code]) => `\`${code}\``).join(', ')}.`)
}

const title = (word: string): string => word[0]?.toUpperCase() + word.slice(1)
