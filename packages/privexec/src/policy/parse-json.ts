import { catalogue } from '../catalogue/index.ts'
import type { Command } from '../command/command.ts'
import { readJson } from '../wire/json.ts'
import type { PolicyOptions } from './load.ts'
import type { Policy } from './policy.ts'
import { policyOf } from './read.ts'
import { substitute } from './variables.ts'

/**
 * The policy of a text in JSON without a mistake; undefined for every other text, of which the reader of YAML tells what is
 * wrong and where. That one takes 30 ms to load.
 */
export async function parseJson(
  bytes: Uint8Array,
  options: PolicyOptions & { readonly source?: string },
): Promise<Policy | undefined> {
  const { commands = catalogue as readonly Command[], source } = options
  let isWrong = false
  const report = (): void => {
    isWrong = true
  }
  let data: unknown
  try {
    data = substitute(readJson(bytes), report)
  } catch {
    return undefined
  }
  const { z } = await import('zod')
  const policy = policyOf(z, data, { commands, source, report })
  return isWrong ? undefined : policy
}
