import { markerVariable } from '../../command/template.ts'
import type { Allowed } from '../../decide/decision.ts'
import type { Policy } from '../../policy/policy.ts'
import { endOperation } from './paths.ts'

/** Arguments of sudo: never ask, as this account, and nothing after `--` is an option of sudo. */
export const sudoArguments = (policy: Policy, argv: readonly string[]): string[] => [
  '-n',
  '-u',
  policy.runAs,
  '--',
  ...argv,
]

/** Arguments of sudo that ask whether it would run the argv, without running it. */
export const questionArguments = (policy: Policy, argv: readonly string[]): string[] => [
  '-n',
  '-l',
  ...sudoArguments(policy, argv).slice(1),
]

/** Arguments of sudo that end an operation. */
export const endArguments = (request: Allowed): string[] => ['-n', '-u', 'root', '--', endOperation, request.marker]

/** The whole environment of sudo. The drop-in keeps the marker alone; the locale makes messages readable to programs. */
export const sudoEnvironment = (request: Allowed): Record<string, string> => ({
  [markerVariable]: request.marker,
  LC_ALL: 'C',
})
