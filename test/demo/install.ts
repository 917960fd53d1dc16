import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { loadPolicy } from '../../packages/privexec/src/index.ts'
import { dropInName, renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { installDropIn } from '../host/prepare.ts'
import type { Step } from './step.ts'

/** Installs the policies on the throwaway host, as root. */
export async function installPolicies(files: readonly string[]): Promise<Step> {
  const lines: string[] = []
  for (const file of files) {
    const policy = await loadPolicy(file)
    lines.push(installDropIn(dropInName(policy.name), renderSudoers(policy)).path)
  }
  const end = '/usr/libexec/privexec/end-operation'
  mkdirSync('/usr/libexec/privexec', { recursive: true })
  copyFileSync('packages/privexec/libexec/end-operation', end)
  chmodSync(end, 0o755)
  lines.push(end)
  return { part: 'root, on a throwaway host', title: 'installs the policies', ok: true, lines }
}
