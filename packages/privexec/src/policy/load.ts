import type { Command } from '../command/command.ts'
import { PrivexecError } from '../errors/error.ts'
import { escapeValue } from '../errors/escape.ts'
import type { Policy } from './policy.ts'

/** What a policy is read with. */
export interface PolicyOptions {
  /** Commands that the policy may grant; the catalogue by default. */
  readonly commands?: readonly Command[]
}

/**
 * Reads a policy file. Throws `PRIVEXEC_POLICY_UNREADABLE`, or `PRIVEXEC_POLICY_INVALID` with all problems, each with
 * line and column.
 */
export async function loadPolicy(file: string, options: PolicyOptions = {}): Promise<Policy> {
  const { readFile } = await import('node:fs/promises')
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new PrivexecError('PRIVEXEC_POLICY_UNREADABLE', `The policy ${escapeValue(file)} cannot be read`, { cause })
  }
  const all = { ...options, source: file }
  if (file.endsWith('.json')) {
    const { parseJson } = await import('./parse-json.ts')
    const policy = await parseJson(bytes, all)
    if (policy !== undefined) return policy
  }
  return parsePolicy(bytes.toString(), all)
}

/** Reads a policy from its text; `source` names it in messages. */
export async function parsePolicy(
  text: string,
  options: PolicyOptions & { readonly source?: string } = {},
): Promise<Policy> {
  const { parse } = await import('./parse.ts')
  return (await parse(text, options)).policy
}

/** The text of NAME.json, which root reads instead of the YAML that people write. Throws as `parsePolicy` does. */
export async function policyJson(
  text: string,
  options: PolicyOptions & { readonly source?: string } = {},
): Promise<string> {
  const [{ parse }, { toJson }] = await Promise.all([import('./parse.ts'), import('./json.ts')])
  return toJson((await parse(text, options)).data)
}
