import type { Policy } from '../policy/policy.ts'
import { renderPortable } from './portable.ts'
import { renderSudoers } from './sudoers.ts'

/** What sudo reads for a policy; undefined when its transport is a socket, which sudo has no part in. */
export function renderDropIn(policy: Policy): string | undefined {
  if (policy.transport === 'daemon') return undefined
  return policy.transport === 'portable' ? renderPortable(policy) : renderSudoers(policy)
}
