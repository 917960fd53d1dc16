import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, catalogue, loadPolicy } from '../../packages/privexec/src/index.ts'
import { dropInName, renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'
import { endOperation } from '../../packages/privexec/src/transport/sudo/paths.ts'
import { installDropIn } from '../host/prepare.ts'
import { runAs } from '../host/service.ts'
import { installStubborn } from '../support/stubborn.ts'
import type { Answer, Request } from './call.ts'
import { testCommands } from './commands.ts'

const root = join(import.meta.dirname, '../..')

/** Policy of the commands that only these tests have. */
export const testPolicy = '/etc/privexec-test.yaml'

/** Puts the drop-ins of the repository's policies and of the test policy in place, on a prepared host. */
export async function installed(): Promise<void> {
  writeFileSync(
    testPolicy,
    `policy: stubborn\nsummary: Programs that will not go\nprincipal: { user: appstore, service: true }
audit: { file: /var/lib/appstore/test-audit.jsonl }\ngrants:
  - { command: test.stubborn, where: { base: tank }, timeout: 2s }
  - { command: test.absent, where: { base: tank }, timeout: 2s }\n`,
  )
  installStubborn()
  mkdirSync('/usr/libexec/privexec', { recursive: true })
  installEndOperation()
  for (const file of [policyFile('appstore'), policyFile('pgd'), testPolicy]) await installPolicy(file)
}

export function installEndOperation(): void {
  copyFileSync(join(root, 'packages/privexec/libexec/end-operation'), endOperation)
  chmodSync(endOperation, 0o755)
}

export async function installPolicy(file: string): Promise<void> {
  const commands = [...catalogue, ...testCommands] as readonly Command[]
  const policy = await loadPolicy(file, { commands })
  installDropIn(dropInName(policy.name), renderSudoers(policy))
}

export const policyFile = (name: string): string => join(root, 'policies', `${name}.yaml`)

/** Makes requests as an account in its read-only namespace, each through a broker of its own. */
export async function call(user: string, requests: readonly Request[], before: readonly string[] = []) {
  const script = join(import.meta.dirname, 'call.ts')
  const { stdout, stderr } = await runAs(user, [...before, process.execPath, script], {
    cwd: root,
    input: JSON.stringify(requests),
    timeout: 60_000,
  })
  const answers = stdout
    .trim()
    .split('\n')
    .map(line => (line === '' ? {} : JSON.parse(line)) as Answer)
  if (answers.length !== requests.length || stdout === '') throw new Error(`no answer: ${stderr}`)
  return answers
}

/** A request that runs a program in container 20001. */
export const exec = (command: readonly string[], more: Partial<Request> = {}): Request => ({
  policy: policyFile('appstore'),
  command: 'pct.exec',
  input: { vmid: 20001, command },
  ...more,
})

/** A request that pushes text into container 20001. */
export const push = (destination: string, content: string, more: object = {}): Request => ({
  policy: policyFile('appstore'),
  command: 'pct.push',
  input: { vmid: 20001, destination, ...more },
  content,
})

/** A request of the pgd policy. */
export const zfs = (command: 'zfs.mount' | 'zfs.unmount', dataset: string): Request => ({
  policy: policyFile('pgd'),
  command,
  input: { dataset },
})
