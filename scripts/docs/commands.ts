import { type ArgumentType, type Command, catalogue } from '../../packages/privexec/src/index.ts'

/** The page of the catalogue, from the definitions. */
export function commandsPage(): string {
  return [
    '# Commands',
    '',
    'The catalogue. A policy grants commands by these names and sets their bounds below `where`.',
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

function shown(element: Command['argv'][number]): string {
  if (typeof element === 'string') return element
  if (element.kind === 'marker') return 'PRIVEXEC_OPERATION=<policy>-<operation id>'
  if (element.kind === 'option') return `[${element.flag} <${element.field}>]`
  const type = element.type as ArgumentType<unknown>
  return type.staged ? '<staged file>' : `<${element.field}>`
}
