import type { Call } from '@broker/proxmox'
import { placed } from './apply.ts'
import { quote } from './quote.ts'
import type { Argv, Change, Content, Planned, StepView } from './step.ts'

/** The same steps as a script for sh, for whoever wants to read and run it on the node; what is so already is named. */
export function scriptOf(plan: readonly Planned[]): string {
  const open = plan.filter(({ wasDone }) => !wasDone)
  const files = new Map(open.flatMap(({ changes }) => contentsOf(changes)).map(content => [content.name, content.text]))
  return [
    '#!/bin/sh',
    '# What appstore setup would do, to be run as root on the node. It stops at the first failure.',
    'set -eu',
    'export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'umask 077',
    'scratch=$(mktemp -d)',
    `trap 'rm -r -- "$scratch"' EXIT`,
    ...[...files].map(([name, text]) => `printf %s ${quote(text)} >"$scratch"/${quote(name)}`),
    'umask 022',
    ...plan.flatMap(section),
    '',
  ].join('\n')
}

/** A step as it is shown. */
export const viewOf = ({ title, why, wasDone, changes }: Planned): StepView => ({
  title,
  why,
  done: wasDone,
  changes: changes.flatMap(lineOf),
})

/** Files that changes need, by name. */
export const contentsOf = (changes: readonly Change[]): Content[] =>
  changes.flatMap(change => (change.kind === 'run' ? change.argv : [])).filter(word => typeof word !== 'string')

function section({ title, why, wasDone, changes }: Planned): string[] {
  const head = ['', ...`${title}: ${why}`.split('\n').map(line => `# ${line}`)]
  return wasDone ? [...head, '# It is so already.'] : [...head, ...changes.flatMap(lineOf)]
}

function lineOf(change: Change): string[] {
  if (change.kind === 'run') return [commandOf(change.argv)]
  if (change.kind === 'api') return [`${requestOf(change.call)} >/dev/null`]
  return [
    // A UUID, which is the only text of the answer with this name.
    `secret=$(${requestOf(change.call)} --output-format json | sed -n 's/.*"value" *: *"\\([^"]*\\)".*/\\1/p')`,
    `test -n "$secret"`,
    `(umask 077; printf '%s=%s\\n' ${quote(change.id)} "$secret" >"$scratch"/token)`,
    commandOf(placed(change.path, { name: 'token', text: '' })),
  ]
}

const verbs = { GET: 'get', POST: 'create', PUT: 'set', DELETE: 'delete' } as const

/** A request as pvesh(1) sends it; a name that comes several times is one list. */
function requestOf({ method, path, parameters }: Call<unknown>): string {
  const given = new Map<string, string>()
  for (const [name, value] of parameters) given.set(name, given.has(name) ? `${given.get(name)},${value}` : value)
  const words = [...given].flatMap(([name, value]) => [`--${name}`, value])
  return ['pvesh', verbs[method], decodeURIComponent(path), ...words].map(quote).join(' ')
}

const commandOf = (argv: Argv): string =>
  argv.map(word => (typeof word === 'string' ? quote(word) : `"$scratch"/${quote(word.name)}`)).join(' ')
