import { groups } from './groups.ts'

/** Options of every command. */
export const options = [
  ['--json', 'Answer in JSON'],
  ['-q, --quiet', 'Say nothing of what is done'],
  ['-y, --yes', 'Do not ask before something is destroyed'],
  ['--no-input', 'Never ask anything'],
  ['--timeout SPAN', 'Time limit, such as 30s or 5m'],
  ['--store STORE', 'zfs:DATASET or directory:/PATH instead of what is found'],
  ['--runtime KIND', 'docker or process instead of what is found'],
  ['-h, --help', 'Show this, or help for a command'],
  ['--version', 'Print the version'],
] as const

/** What exit statuses mean; every page of help ends with it. */
export const exits = `Exit status: 0 done; 64 command line, 65 input, 66 not found, 69 something is missing, 70 a
program failed, 73 a name or port is taken, 74 no space, 75 busy, 77 not allowed, 78 not in that
state, 124 time limit, 130 interrupted. pgd run and pgd connect have the exit status of their
program.`

/** The first page of help. It needs no parser of command lines, which takes longer to load than all the rest. */
export function firstPage(): string {
  const rows = [...groups.map(({ command, describe }) => [command, describe] as const), completion]
  return [
    'pgd <command>',
    '',
    'Branch a PostgreSQL database as easily as a git branch.',
    '',
    'Commands:',
    ...list(rows),
    '',
    'Options:',
    ...list(options),
    '',
    'Examples:',
    '  pgd project create shop                    A new project with an empty database',
    '  pgd branch create shop/dev                 A branch with all the data of shop/main',
    '  pgd branch create shop/old --at "10m ago"  With the data as they were',
    '  pgd run shop/test --ephemeral -- npm test  A branch for one program',
    '',
    exits,
    '',
  ].join('\n')
}

const completion = ['completion', 'Print a completion script for bash or zsh'] as const

function list(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
