import type { Row } from './support/row.ts'

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `A${String(from + at).padStart(2, '0')}`)

/** The classes that this suite has to show. A29 is for Docker, A38 to A51 are for a broker on root's side. */
export const classes: readonly string[] = [...numbers(1, 28), ...numbers(30, 37), 'A52', 'A53']

const layers: Readonly<Record<string, string>> = {
  library: 'through the library',
  sudo: 'around it, by calling sudo',
  definition: 'when a definition or policy is built',
  audit: 'on the audit file',
  staging: 'in the staging directory',
  root: 'on what root does or leaves',
}

/** The page about a run: one row per class, in the order of their ids. */
export function renderTable(rows: readonly Row[]): string {
  const known = new Map(rows.map(row => [row.id, row]))
  const held = rows.filter(({ passed }) => passed).length
  return [
    '<!-- Made by `node test/attacks/run.ts --write` from a run of the attacks. -->',
    '# Attacks',
    '',
    'Each class of attacks is made twice on a throwaway host with real sudo, nsenter, LXC and ZFS, as the unprivileged',
    'account in its read-only namespace: first against rules or code as programs of this kind have them today, where it',
    'must succeed, then against privexec, where it must fail. What happened is looked at, not what was said.',
    '',
    `Of ${classes.length} classes, ${held} fell on the baseline and were stopped here.`,
    '',
    'Where it is tried:',
    '',
    ...Object.entries(layers).map(([name, words]) => `- *${name}*: ${words}`),
    '',
    'Where something remains, the test shows that too, as far as a throwaway host can.',
    '',
    '| id | class | how the baseline falls | what stops it here | what remains | where | result |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...classes.map(id => line(id, known.get(id))),
    '',
  ].join('\n')
}

function line(id: string, row: Row | undefined): string {
  if (!row) return `| ${id} | | | | | | not run |`
  const { title, shown, stoppedBy, remains, layers, passed } = row
  const cells = [id, title, shown, stoppedBy, remains, layers.join(', '), passed ? 'stopped' : 'NOT STOPPED']
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
