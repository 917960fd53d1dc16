import { spawnSync } from 'node:child_process'
import type { Step } from './step.ts'

/** Installs policies on the throwaway host, as root, with the administrators' command. */
export function installPolicies(files: readonly string[]): Step {
  const began = performance.now()
  const args = ['policy', 'install', ...files]
  const { status, stdout, stderr } = spawnSync(process.execPath, ['packages/privexec/src/cli/main.ts', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // The plan of changes is a message, the answers of sudo are data; the changes came first.
  const said = `${stderr}${stdout}`.split('\n').filter(line => line !== '' && !line.startsWith('unchanged'))
  const failed = status === 0 ? [] : [`exit status ${status}`]
  return {
    part: 'root, on a throwaway host',
    title: 'installs the policies',
    argv: ['privexec', ...args],
    ok: status === 0,
    ms: performance.now() - began,
    lines: [...said, ...failed],
  }
}
