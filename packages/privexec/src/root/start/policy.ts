import { join } from 'node:path'
import type { Zod } from '../../argument/type.ts'
import type { Command } from '../../command/command.ts'
import { PrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'
import { pathText } from '../../policy/document.ts'
import { policyDirectory } from '../../policy/installed.ts'
import type { Policy } from '../../policy/policy.ts'
import { policyOf } from '../../policy/read.ts'
import { readJson } from '../../wire/json.ts'
import { readTrusted } from './trusted.ts'

/**
 * Reads an installed policy as root does: `NAME.json`, which only root can have written. Throws
 * `PRIVEXEC_POLICY_UNREADABLE` or `PRIVEXEC_POLICY_INVALID`.
 */
export async function loadTrustedPolicy(
  zod: Zod,
  name: string,
  commands: readonly Command[],
  directory: string = policyDirectory,
): Promise<Policy> {
  const invalid = (why: string, cause?: unknown) => new PrivexecError('PRIVEXEC_POLICY_INVALID', why, { cause })
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(name)) throw invalid(`${escapeValue(name)} is not the name of a policy`)
  const path = join(directory, `${name}.json`)
  const bytes = await readTrusted(path)
  let data: unknown
  try {
    data = readJson(bytes)
  } catch (cause) {
    throw invalid(`${path}: ${(cause as Error).message}`, cause)
  }
  const problems: string[] = []
  const policy = policyOf(zod, data, {
    commands,
    source: path,
    report: (at, message) => problems.push(`${path}: ${pathText(at)}: ${message}`),
  })
  if (!policy) throw invalid(problems.join('\n'))
  if (policy.name !== name) throw invalid(`${path} is the policy ${policy.name}`)
  return policy
}
