import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Policy, parsePolicy } from '../../packages/privexec/src/index.ts'
import { renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'

/** A policy that is shipped, with the text that root would install and an account that it is for. */
export interface Shipped {
  readonly policy: Policy
  readonly sudoers: string
  /** Text of the policy file, with sudo as its transport. */
  readonly text: string
  readonly user: string
}

/** Folder of the policies. */
const folder = fileURLToPath(new URL('../../policies', import.meta.url))

async function load(name: string, user: string): Promise<Shipped> {
  const text = await readFile(`${folder}/${name}.yaml`, 'utf8')
  // What has no drop-in is rendered as if sudo were its transport, so that all of the catalogue is compared.
  const bySudo = text.replace(/^transport: .*\n|^limits:\n(?: .*\n)*/gm, '')
  const policy = await parsePolicy(bySudo)
  return { policy, text: bySudo, sudoers: renderSudoers(policy), user }
}

/** The shipped policies; `user` is an account of the throwaway host. */
export const shipped: readonly Shipped[] = [await load('appstore', 'appstore'), await load('pgd', 'alice')]

/** Those, and the one with all that there is for datasets. */
export const compared: readonly Shipped[] = [...shipped, await load('examples/user-space-zfs/pgd', 'alice')]

/** The argument expressions of a rendered drop-in, by grant, read back from its text. */
export function rulesIn(sudoers: string): Map<string, string> {
  const rules = /^# (\S+\/\S+): .*\nCmnd_Alias \S+ = \/usr\/bin\/nsenter (\^.*\$)$/gm
  return new Map([...sudoers.matchAll(rules)].map(([, grant = '', rule = '']) => [grant, rule]))
}
