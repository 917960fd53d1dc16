import { readdirSync } from 'node:fs'
import type { Argv } from 'yargs'
import { policyDirectory, policyYamlPath } from '../policy/installed.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import type { Common } from './verb.ts'

/** A bare name, without slash and dot, is that of an installed policy; everything else is a path. */
export const policyPath = (nameOrPath: string): string =>
  /^[a-z][a-z0-9_]*$/.test(nameOrPath) ? policyYamlPath(nameOrPath) : nameOrPath

/** Loads a policy by name or path. Throws `PRIVEXEC_POLICY_UNREADABLE` or `PRIVEXEC_POLICY_INVALID`. */
export const findPolicy = (nameOrPath: string): Promise<Policy> => loadPolicy(policyPath(nameOrPath))

/** Names of the installed policies; none where the directory cannot be read. */
export function policyNames(): string[] {
  try {
    const names = readdirSync(policyDirectory).filter(name => name.endsWith('.yaml'))
    return names.map(name => name.slice(0, -'.yaml'.length)).sort()
  } catch {
    return []
  }
}

/** The option `--policy`, required. */
export const withPolicy = <T extends Common>(yargs: Argv<T>) =>
  yargs.option('policy', {
    type: 'string',
    demandOption: true,
    requiresArg: true,
    describe: `Policy file, or the name of a policy in ${policyDirectory}`,
  })

/** A request: command and input, both positional, under a policy. */
export const withRequest = <T extends Common>(yargs: Argv<T>, input: string) =>
  withPolicy(yargs)
    .positional('command', {
      type: 'string',
      demandOption: true,
      describe: 'Command of the catalogue, such as pct.exec',
    })
    .positional('input', { type: 'string', demandOption: true, describe: input })

/** Policy files as the rest of the command line. */
export const withPolicyFiles = <T extends Common>(yargs: Argv<T>) =>
  yargs.positional('file', {
    type: 'string',
    array: true,
    demandOption: true,
    describe: `Policy files, or names of policies in ${policyDirectory}`,
  })
