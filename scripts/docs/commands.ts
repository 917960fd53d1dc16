import { type ArgumentType, type Command, catalogue } from '../../packages/privexec/src/index.ts'

/** The page of the catalogue, from the definitions. */
export function commandsPage(): string {
  return [
    '# Commands',
    '',
    'The catalogue. A policy grants commands by these names and sets their bounds below `where`. Guards are checks of the',
    'live state that the root-side broker makes just before it starts the program; sudo knows nothing of them. When one',
    'does not hold, the answer is `PRIVEXEC_GUARD_REFUSED` whatever the reason, which stands in the audit file of root.',
    '',
    ...(catalogue as readonly Command[]).flatMap(section),
  ].join('\n')
}

function section(command: Command): string[] {
  const { id, summary, program, argv, failures } = command
  const fields = argv.flatMap(element =>
    typeof element === 'string' || element.kind === 'marker'
      ? []
      : [{ ...element, type: element.type as ArgumentType<unknown> }],
  )
  const bounds = fields.flatMap(({ type }) => (type.bound ? [type.bound] : []))
  return [
    `## \`${id}\``,
    '',
    `${summary}.`,
    '',
    `    ${[program.executable, ...program.prefix, ...argv.map(shown)].join(' ')}`,
    '',
    '| field | type | allowed before a policy narrows it |',
    '| --- | --- | --- |',
    ...fields.map(({ field, kind, type }) => {
      const optional = kind === 'option' ? ' (optional)' : ''
      return `| \`${field}\`${optional} | ${type.name} | ${type.allowed} |`
    }),
    '',
    '| bound | | meaning |',
    '| --- | --- | --- |',
    ...bounds.map(
      ({ key, required, summary }) => `| \`${key}\` | ${required ? 'required' : 'optional'} | ${summary} |`,
    ),
    '',
    ...guardsOf(command),
    `Failures that are recognised, in \`error.failure\`: ${Object.keys(failures)
      .map(name => `\`${name}\``)
      .join(', ')}.`,
    command.stderrIsFailure
      ? 'Any text on standard error is a failure, since the program exits with 0 when it failed.'
      : '',
    command.accepts.stdin ? 'Takes standard input.' : 'Takes no standard input.',
    '',
  ]
}

function guardsOf({ guards }: Command): string[] {
  if (guards.length === 0) return []
  const settings = guards.flatMap(guard => guard.settings.map(setting => ({ guard: guard.name, ...setting })))
  const rows = settings.map(
    ({ key, guard, required, summary }) =>
      `| \`guard.${key}\` | ${guard} | ${required ? 'required' : 'optional'} | ${summary} |`,
  )
  return [
    '| guard | what must hold |',
    '| --- | --- |',
    ...guards.map(({ name, summary }) => `| ${name} | ${summary} |`),
    '',
    ...(rows.length > 0 ? ['| setting | of the guard | | meaning |', '| --- | --- | --- | --- |', ...rows, ''] : []),
  ]
}

function shown(element: Command['argv'][number]): string {
  if (typeof element === 'string') return element
  if (element.kind === 'marker') return 'PRIVEXEC_OPERATION=<policy>-<operation id>'
  if (element.kind === 'option') return `[${element.flag} <${element.field}>]`
  const type = element.type as ArgumentType<unknown>
  return type.staged ? '<staged file>' : `<${element.field}>`
}
