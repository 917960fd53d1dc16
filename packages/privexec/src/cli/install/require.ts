import { PrivexecError } from '../../errors/error.ts'
import type { Policy } from '../../policy/policy.ts'
import { usage } from '../failure.ts'
import { cannotEnforce, installedSudo } from '../sudo/installed.ts'

/** Throws `PRIVEXEC_ROOT_NEEDED` for everybody but root. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return
  throw new PrivexecError('PRIVEXEC_ROOT_NEEDED', 'Only root installs and removes policies')
}

/** Throws `PRIVEXEC_USAGE` for two policies of one name: they would take each other's drop-in. */
export function requireOwnNames(policies: readonly Policy[]): void {
  const twice = policies.find(({ name }, at) => policies.findIndex(other => other.name === name) !== at)
  if (twice) throw usage(`two of the files are policies of the name ${twice.name}`)
}

/**
 * Throws `PRIVEXEC_SUDO_MISSING` where there is no sudo that could hold the rules of these policies: patterns for the
 * transport `sudo`, any sudo for `portable`.
 */
export async function requireUsableSudo(policies: readonly Policy[]): Promise<void> {
  const isUsed = (name: Policy['transport']) => policies.some(({ transport }) => transport === name)
  if (!isUsed('sudo') && !isUsed('portable')) return
  const sudo = await installedSudo()
  const cannot = isUsed('sudo') ? cannotEnforce(sudo) : undefined
  const reason = sudo.kind === 'none' ? 'sudo is not installed' : cannot
  if (reason !== undefined) throw new PrivexecError('PRIVEXEC_SUDO_MISSING', reason)
}
