import { dirname } from 'node:path/posix'
import { stagingDirectory } from '../../argument/staged-content.ts'
import { PrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'
import type { Policy, Principal } from '../../policy/policy.ts'
import { socketPath } from '../../transport/daemon/path.ts'
import { libexec } from '../../transport/libexec.ts'

/** The root-side broker, one file. */
export const privexecd = `${libexec}/privexecd`

/** The directory of a policy's socket; only root and the principal's group enter it. */
export const socketDirectory = (policy: string): string => dirname(socketPath(policy))

/** Directory of the sockets' directories. */
export const runDirectory = dirname(socketDirectory('name'))

/** Name of a policy's units and AppArmor profile, without a suffix. */
export const unitName = (policy: string): string => `privexecd-${policy}`

/** The group that may open the socket: the principal, or the one named like it. */
export const groupOf = (principal: Principal): string => principal.name

/** Node as a distribution installs it; what `policy install` writes is the one that runs it. */
export const defaultNode = '/usr/bin/node'

/**
 * Options of Node for whatever runs as root. `--` is not needed: what follows is a path.
 * Text never becomes code, no prototype is reached through a key of an object, and no signal opens a debugger.
 */
export const nodeOptions = [
  '--disallow-code-generation-from-strings',
  '--disable-proto=delete',
  '--disable-sigusr1',
] as const

/** Variables with which a caller or a machine's defaults would change what Node runs. */
export const nodeVariables = ['NODE_OPTIONS', 'NODE_PATH', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_V8_COVERAGE'] as const

/**
 * A path as it may stand in units, tmpfiles.d and AppArmor profiles alike, which quote in three different ways. Throws
 * `PRIVEXEC_POLICY_INVALID` for one with other characters than letters, digits and `/._-+@`.
 */
export function plainPath(path: string): string {
  if (/^\/[A-Za-z0-9/._+@-]*$/.test(path)) return path
  const message = `${escapeValue(path)} cannot stand in a unit: only letters, digits and /._-+@ can`
  throw new PrivexecError('PRIVEXEC_POLICY_INVALID', message)
}

/** The directories that the root-side broker of a policy writes in: audit, content, socket. */
export const writtenDirectories = ({ name, audit }: Policy): string[] =>
  [dirname(audit.file), stagingDirectory(name), socketDirectory(name)].map(plainPath)
