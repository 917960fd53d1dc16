import { fileURLToPath } from 'node:url'
import { loadPolicy, type Policy } from '../../packages/privexec/src/index.ts'
import { renderSudoers } from '../../packages/privexec/src/render/sudoers.ts'

/** A policy that is shipped, with the text that root would install and an account that it is for. */
export interface Shipped {
  readonly policy: Policy
  readonly sudoers: string
  readonly user: string
}

const load = async (name: string, user: string): Promise<Shipped> => {
  const policy = await loadPolicy(fileURLToPath(new URL(`../../policies/${name}.yaml`, import.meta.url)))
  return { policy, sudoers: renderSudoers(policy), user }
}

/** The shipped policies; `user` is an account of the throwaway host. */
export const shipped: readonly Shipped[] = [await load('appstore', 'appstore'), await load('pgd', 'alice')]

/** The argument expressions of a rendered drop-in, by grant, read back from its text. */
export function rulesIn(sudoers: string): Map<string, string> {
  const rules = /^# (\S+\/\S+): .*\nCmnd_Alias \S+ = \/usr\/bin\/nsenter (\^.*\$)$/gm
  return new Map([...sudoers.matchAll(rules)].map(([, grant = '', rule = '']) => [grant, rule]))
}
