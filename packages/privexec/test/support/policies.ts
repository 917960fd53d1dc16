import { fileURLToPath } from 'node:url'
import { loadPolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'

/** File of a policy that is shipped. */
export const policyFile = (name: string): string =>
  fileURLToPath(new URL(`../../../../policies/${name}.yaml`, import.meta.url))

/** A policy that is shipped. */
export const shipped = (name: 'appstore' | 'pgd'): Promise<Policy> => loadPolicy(policyFile(name))

/** Text of a policy; each part may be replaced, and `more` is put at the top level. */
export const policyText = ({
  name = 'sample',
  summary = 'A sample',
  principal = '{ user: sample }',
  audit = '{ file: /var/log/sample.jsonl }',
  more = '',
  grants = '  - { command: pct.exec, where: { vmid: 20000-20999 }, timeout: 30m }',
} = {}): string =>
  `policy: ${name}\nsummary: ${summary}\nprincipal: ${principal}\naudit: ${audit}\n${more}\ngrants:\n${grants}\n`

/** A grant of a policy's text. */
export const grantText = (command: string, where: string, timeout = '30s'): string =>
  `  - { command: ${command}, where: ${where}, timeout: ${timeout} }`
