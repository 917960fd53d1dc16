import { quote } from './quote.ts'
import type { Argv, Content, Planned } from './step.ts'

/** The same steps as a script for sh, for whoever wants to read and run it; what is done already is named. */
export function scriptOf(plan: readonly Planned[]): string {
  const open = plan.filter(({ wasDone }) => !wasDone)
  const contents = open.flatMap(({ commands }) => commands.flat()).filter(word => typeof word !== 'string')
  const files = new Map(contents.map(content => [content.name, content]))
  return [
    '#!/bin/sh',
    '# What pgd setup would do, as root. It stops at the first failure.',
    'set -eu',
    'export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ...(files.size === 0 ? [] : scratch([...files.values()])),
    ...plan.flatMap(section),
    '',
  ].join('\n')
}

/** A directory for this account alone, which goes when the script ends. */
const scratch = (files: readonly Content[]): string[] => [
  'umask 077',
  'scratch=$(mktemp -d)',
  `trap 'rm -r -- "$scratch"' EXIT`,
  ...files.map(({ name, text }) => `printf %s ${quote(text)} >"$scratch"/${quote(name)}`),
  'umask 022',
]

function section({ title, why, wasDone, commands }: Planned): string[] {
  const head = ['', ...comment(`${title}: ${why}`)]
  return wasDone ? [...head, '# It is so already.'] : [...head, ...commands.map(commandOf)]
}

/** One command line. */
const commandOf = (argv: Argv): string =>
  argv.map(word => (typeof word === 'string' ? quote(word) : `"$scratch"/${quote(word.name)}`)).join(' ')

const comment = (text: string): string[] => text.split('\n').map(line => `# ${line}`)
