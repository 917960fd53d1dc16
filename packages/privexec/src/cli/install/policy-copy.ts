import { readFile, rm } from 'node:fs/promises'
import { policyJsonPath, policyYamlPath } from '../../policy/installed.ts'
import { parsePolicy, policyJson } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'
import { failed, fileStep, rootOwned, statOf } from './node.ts'
import type { Step } from './step.ts'

/**
 * The copies of a policy: NAME.yaml, by which commands find it by name, and for the root-side broker NAME.json. Where the
 * policy is for sudo now, an old NAME.json is taken away, without which no broker serves it.
 */
export async function policySteps(policy: Policy): Promise<Step[]> {
  const { name, source, transport } = policy
  const copy = policyYamlPath(name)
  const json = policyJsonPath(name)
  const text = source === undefined ? undefined : await readSame(source, policy)
  const steps =
    text === undefined || source === copy
      ? []
      : [await fileStep(copy, text, rootOwned(0o644), 'the policy, to be found by name')]
  if (transport === 'sudo') {
    if ((await statOf(json)) === undefined) return steps
    const what = 'the policy is for sudo now'
    return [...steps, { path: json, state: 'remove', what, apply: () => rm(json, { force: true }) }]
  }
  if (text === undefined) throw failed(`The policy ${name} was not read from a file`)
  return [...steps, await fileStep(json, await policyJson(text), rootOwned(0o644), 'the policy, as root reads it')]
}

async function readSame(source: string, { hash }: Policy): Promise<string> {
  const text = await readFile(source, 'utf8')
  if ((await parsePolicy(text)).hash !== hash) throw failed(`${source} was changed while it was read`)
  return text
}
