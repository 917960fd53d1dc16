import { stagingDirectory } from '../../packages/privexec/src/argument/staged-content.ts'
import { readArgv, spellArgv } from '../../packages/privexec/src/command/argv.ts'
import { markerVariable } from '../../packages/privexec/src/command/template.ts'
import type { Policy } from '../../packages/privexec/src/index.ts'

/**
 * The library's answer for the arguments after the executable: some grant of the policy reads values in them, and spells
 * those values as the same arguments again.
 */
export function libraryAllows(policy: Policy, args: readonly string[]): boolean {
  const marker = args.find(arg => arg.startsWith(`${markerVariable}=`))?.slice(markerVariable.length + 1) ?? ''
  const stagedFile = args.find(arg => arg.startsWith(stagingDirectory(policy.name))) ?? ''
  return policy.grants.some(({ slots }) => {
    const values = readArgv(slots, args)
    if (!values) return false
    const again = spellArgv(slots, values, { marker, stagedFile })
    return again.length === args.length && again.every((arg, index) => arg === args[index])
  })
}

/**
 * Whether the library allows the argv whose boundaries stand at every blank. sudo joins the arguments before it matches,
 * so all argvs with one joined text get one answer from it, and this one stands for them.
 */
export const libraryAllowsJoined = (policy: Policy, args: readonly string[]): boolean =>
  libraryAllows(policy, args.join(' ').split(' '))
