import { dirname } from 'node:path/posix'
import { stagingDirectory, stagingRoot } from '../../argument/staged-content.ts'
import type { Policy } from '../../policy/policy.ts'
import { logDirectory } from '../sudoers.ts'
import { head } from './directive.ts'
import { groupOf, plainPath, runDirectory, socketDirectory } from './paths.ts'

/** A directory that the root-side broker needs. */
export interface Directory {
  readonly path: string
  readonly mode: number
  /** Name of the group; the owner is root. */
  readonly group: string
  readonly what: string
}

/**
 * The directories of a policy with the transport `daemon` or `portable`, those above before those below. Content is root's
 * alone: it travels in the request, and nobody else stages any.
 */
export function directoriesOf({ name, principal, transport, audit }: Policy): Directory[] {
  const drop = stagingDirectory(name)
  const roots = (path: string, mode: number, what: string): Directory => ({ path, mode, group: 'root', what })
  const records = plainPath(dirname(audit.file))
  return [
    ...(transport === 'daemon'
      ? [
          roots(runDirectory, 0o755, 'sockets'),
          {
            path: socketDirectory(name),
            mode: 0o750,
            group: groupOf(principal),
            what: `the way to the socket of ${name}`,
          },
        ]
      : []),
    roots(dirname(stagingRoot), 0o755, 'state of privexec'),
    roots(stagingRoot, 0o755, 'staging directories'),
    roots(dirname(drop), 0o700, `the way to content of ${name}`),
    roots(drop, 0o700, 'content that root received'),
    roots(logDirectory, 0o755, 'records'),
    ...(records === logDirectory ? [] : [roots(records, 0o750, "root's own audit file")]),
  ]
}

/** `tmpfiles.d/privexec-<policy>.conf`: the directories of a policy, which /run forgets at each boot. */
export function renderTmpfiles(policy: Policy): string {
  return [
    ...head(policy.name),
    ...directoriesOf(policy).map(
      ({ path, mode, group }) => `d ${path} ${mode.toString(8).padStart(4, '0')} root ${group} -`,
    ),
    '',
  ].join('\n')
}
