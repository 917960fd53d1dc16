import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { diagnose, type Finding } from '../../../packages/privexec/src/doctor/diagnose.ts'
import { loadPolicy } from '../../../packages/privexec/src/index.ts'
import type { Policy } from '../../../packages/privexec/src/policy/policy.ts'
import { dropInName, renderSudoers } from '../../../packages/privexec/src/render/sudoers.ts'
import { hostFacts, installDropIn } from '../../host/prepare.ts'

const root = join(import.meta.dirname, '../../..')

export const policies: Readonly<Record<'appstore' | 'pgd', Policy>> = {
  appstore: await loadPolicy(join(root, 'policies/appstore.yaml')),
  pgd: await loadPolicy(join(root, 'policies/pgd.yaml')),
}

/** Runs a line of shell as root; throws what it says when it fails. */
export function sh(line: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', line], { encoding: 'utf8', cwd: root })
  if (status !== 0) throw new Error(`${line}: ${stderr}`)
  return stdout
}

/** Puts both policies on a prepared host, as an administrator would; `pct` is there, but no container. */
export function install(): void {
  sh('[ -e /usr/sbin/pct ] || install -m 755 test/host/pct /usr/sbin/pct')
  sh('install -D -m 755 packages/privexec/libexec/end-operation /usr/libexec/privexec/end-operation')
  for (const policy of Object.values(policies)) installDropIn(dropInName(policy.name), renderSudoers(policy))
}

/** The findings for one of the policies, with the other one known. */
export const look = (name: keyof typeof policies): Promise<Finding[]> =>
  diagnose({ policy: policies[name], others: Object.values(policies).filter(policy => policy.name !== name) })

/** Errors, without the one that a throwaway host cannot help: its kernel is the machine's. */
export const errorsIn = (list: readonly Finding[]): Finding[] => {
  const { protectedSymlinks, protectedHardlinks } = hostFacts()
  return list.filter(({ level, message }) => {
    if (protectedSymlinks === 0 && message.startsWith('fs.protected_symlinks is 0')) return false
    if (protectedHardlinks === 0 && message.startsWith('fs.protected_hardlinks is 0')) return false
    return level === 'error'
  })
}
