import type { Row, Side } from './support/row.ts'

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `A${String(from + at).padStart(2, '0')}`)

/** The classes that this suite has to show. */
export const classes: readonly string[] = numbers(1, 53)

const layers: Readonly<Record<string, string>> = {
  library: 'through the library',
  sudo: 'around it, by calling sudo',
  daemon: 'around it, by frames on the socket of the root-side broker, without any rule of sudo',
  definition: 'when a definition or policy is built',
  audit: 'on the audit file',
  staging: 'in the staging directory',
  root: 'on what root does or leaves',
}

/** Names of the transports, as the page says them. */
const sides = { sudo: 'sudo', daemon: 'root-side broker' } as const

/** The page about a run: one row per class, in the order of their ids, and then what is to be said of each transport. */
export function renderTable(rows: readonly Row[]): string {
  // Of two rows of a class the later one counts.
  const known = new Map(rows.map(row => [row.id, row]))
  const stopped = (side: keyof typeof sides) =>
    [...known.values()].filter(row => resultOf(row[side]) === 'stopped').length
  return [
    '<!-- Made by `node test/attacks/run.ts --write` from a run of the attacks. -->',
    '# Attacks',
    '',
    'Each class of attacks is made on a throwaway host with real sudo, nsenter, LXC and ZFS, as the unprivileged account',
    'in its read-only namespace: first against rules or code as programs of this kind have them today, where it must',
    'succeed, then against privexec, where it must fail: through sudo, and through the root-side broker. What happened is',
    'looked at, not what was said.',
    '',
    `Of ${classes.length} classes, all of which fell on the baseline, ${stopped('sudo')} were stopped with sudo and ${stopped('daemon')} by the root-side broker.`,
    '',
    'Where it is tried:',
    '',
    ...Object.entries(layers).map(([name, words]) => `- *${name}*: ${words}`),
    '',
    'Where something remains, the test shows that too, as far as a throwaway host can.',
    '',
    `| id | class | how the baseline falls | where | ${sides.sudo} | ${sides.daemon} |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...classes.map(id => line(id, known.get(id))),
    '',
    ...(['sudo', 'daemon'] as const).flatMap(side => [
      `## With the ${side === 'sudo' ? 'transport' : ''} ${sides[side]}`.replace('  ', ' '),
      '',
      '| id | what stops it | what remains |',
      '| --- | --- | --- |',
      ...classes.map(id => detail(id, known.get(id)?.[side])),
      '',
    ]),
  ].join('\n')
}

function line(id: string, row: Row | undefined): string {
  if (!row) return `| ${id} | | | | not run | not run |`
  const { title, shown, layers, sudo, daemon } = row
  return rowOf([id, title, shown, layers.join(', '), resultOf(sudo), resultOf(daemon)])
}

function resultOf(side: Side): string {
  if (!('passed' in side)) return 'not applicable'
  return side.passed ? 'stopped' : 'NOT STOPPED'
}

function detail(id: string, side: Side | undefined): string {
  if (!side) return `| ${id} | | not run |`
  return 'passed' in side
    ? rowOf([id, side.stoppedBy, side.remains])
    : rowOf([id, `not applicable: ${side.notApplicable}`, ''])
}

const rowOf = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** The rows of a page that {@link renderTable} made; classes that were not run are left out. */
export function parseTable(text: string): Row[] {
  const [results = '', ...details] = text.split(/^## /m)
  const [sudo, daemon] = details.map(cellsById)
  return [...cellsById(results)].flatMap(([id, [title = '', shown = '', where = '', ...said]]) => {
    const side = (result: string | undefined, [stoppedBy = '', remains = '']: readonly string[] = []): Side =>
      result === 'not applicable'
        ? { notApplicable: stoppedBy.replace(/^not applicable: /, '') }
        : { stoppedBy, remains, passed: result === 'stopped' }
    if (said[0] === 'not run') return []
    return [
      {
        id,
        title,
        shown,
        layers: where.split(', '),
        sudo: side(said[0], sudo?.get(id)),
        daemon: side(said[1], daemon?.get(id)),
      },
    ]
  })
}

/** Cells of the rows of a table behind the first one, which is the id of a class. */
function cellsById(text: string): Map<string, string[]> {
  const lines = text.split('\n').filter(line => /^\| A\d\d \|/.test(line))
  const cells = lines.map(line =>
    line
      .slice(2, -2)
      .split(/(?<!\\) ?\| ?/)
      .map(cell => cell.replaceAll('\\|', '|')),
  )
  return new Map(cells.map(([id = '', ...rest]) => [id, rest]))
}
