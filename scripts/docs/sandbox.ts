import { appSandbox } from '../../packages/privexec/src/render/units/app-sandbox.ts'
import type { Directive } from '../../packages/privexec/src/render/units/directive.ts'
import { capabilities, serviceSandbox } from '../../packages/privexec/src/render/units/service-sandbox.ts'

/** The page of what the rendered units shut in and what they leave open, with the reasons. */
export function sandboxPage(): string {
  return [
    '# Sandbox of the units',
    '',
    'What the rendered units say, and why each line is there or is not. A dash: the unit has no such line.',
    '',
    '## `privexecd-<policy>.service`',
    '',
    'The unit of the root-side broker. What is for `datasets` is for policies whose grants are all for zfs; `containers` is',
    'for all others. A filter of system calls, the bounding set and no-new-privileges go along with a command that enters a',
    'container; a mount namespace does not, since every command leaves it by nsenter.',
    '',
    ...table(serviceSandbox, ['datasets', 'containers']),
    '',
    'The directories of records, content and socket are `ReadWritePaths`; with zfs, `/dev/zfs` is allowed. The bounding set:',
    '',
    ...(['datasets', 'containers'] as const).flatMap(reach => [
      `### Capabilities for ${reach}`,
      '',
      ...Object.entries(capabilities[reach]).map(([name, why]) => `- \`${name}\`: ${why}.`),
      '',
    ]),
    'With `privileged: true` in a guard, `CAP_SETPCAP` too; for `zfs.own`, `CAP_CHOWN`. Whoever holds `CAP_SYS_ADMIN` and `CAP_SYS_PTRACE` can become',
    'root: the sandbox holds a mistake in the broker, such as a path that it should not open, and not one who runs code in it.',
    '',
    '## The service that is the principal',
    '',
    'Its variant follows from the transport of the policy: `sudo` also for the transport `portable`.',
    '',
    ...table(appSandbox, ['sudo', 'socket']),
    '',
  ].join('\n')
}

function table<Kind extends string>(directives: readonly Directive<Kind>[], kinds: readonly Kind[]): string[] {
  const cell = (value: string | readonly string[] | undefined) => {
    if (value === undefined) return '-'
    const lines = [value].flat()
    return lines.join('') === '' ? 'empty' : lines.map(line => `\`${line}\``).join(', ')
  }
  return [
    `| directive | ${kinds.join(' | ')} | why |`,
    `| --- |${' --- |'.repeat(kinds.length + 1)}`,
    ...directives.map(
      ({ key, value, why }) => `| \`${key}\` | ${kinds.map(kind => cell(value[kind])).join(' | ')} | ${why} |`,
    ),
  ]
}
