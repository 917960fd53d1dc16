import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ifPresent } from '../../auxiliary/present.ts'
import type { Policy } from '../../policy/policy.ts'
import { renderDropIn } from '../../render/drop-in.ts'
import { apparmorFiles, portableFiles, systemdFiles } from '../../render/files.ts'
import { inputJsonSchema, policyJsonSchema } from '../../render/schema.ts'
import { renderTable } from '../../render/table.ts'
import { renderAppService } from '../../render/units/app-service.ts'
import { renderAppProfile } from '../../render/units/apparmor.ts'
import { defaultNode } from '../../render/units/paths.ts'
import { findPolicy, policyPath, withPolicyFiles } from '../find-policy.ts'
import { cannotEnforce, installedSudo } from '../sudo/installed.ts'
import { note, verb } from '../verb.ts'

/** A rendered file and whether the disk has the same. */
interface Rendered {
  readonly path: string
  readonly text: string
  readonly state: 'unchanged' | 'stale' | 'missing'
}

/** `privexec policy render FILE...`: exit status 1 when `--check` finds a stale file. */
export const render = verb({
  command: 'render <file..>',
  describe: 'Render what follows from policies: drop-in or units and profiles, table, JSON schemas',
  builder: yargs =>
    withPolicyFiles(yargs)
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Write rendered/ and schema/ below this directory',
      })
      .option('schema', {
        type: 'boolean',
        default: true,
        describe: 'The JSON Schema of policy files too; --no-schema leaves it out',
      })
      .option('check', { type: 'boolean', default: false, describe: 'Write nothing; exit 1 when a file is stale' })
      .example('$0 policy render policies/appstore.yaml', 'Print the drop-in, or the units')
      .example('$0 policy render policies/*.yaml --out policies', 'Write everything beside the policies'),
  run: async ({ file, out, check, schema }) => {
    const names = file as string[]
    const policies = await Promise.all(names.map(findPolicy))
    const isForSudo = policies.some(({ transport }) => transport === 'sudo')
    const warning = isForSudo ? cannotEnforce(await installedSudo()) : undefined
    if (warning !== undefined) note(`privexec: ${warning}`)
    if (out === undefined && !check) {
      const dropIns = policies.map(policy => ({ policy: policy.name, hash: policy.hash, ...inForce(policy) }))
      return { data: { dropIns, warning }, text: dropIns.map(shownFiles).join('\n') }
    }
    const directory = out ?? dirname(policyPath(names[0] ?? ''))
    const files = await Promise.all([...(await renderFiles(directory, policies, schema))].map(compared))
    if (!check) await Promise.all(files.filter(({ state }) => state !== 'unchanged').map(write))
    const stale = files.filter(({ state }) => state !== 'unchanged').map(({ path }) => path)
    return {
      data: { stale, files: files.map(({ path, state }) => ({ path, state })), warning },
      text: files.map(({ path, state }) => `${check || state === 'unchanged' ? state : 'written'}  ${path}`).join('\n'),
      exit: check && stale.length > 0 ? 1 : 0,
    }
  },
})

/** What puts a policy in force: the text that sudo reads, and other files of root's by their path on the machine. */
interface InForce {
  readonly sudoers?: string
  readonly files?: Readonly<Record<string, string>>
}

function inForce(policy: Policy): InForce {
  const sudoers = renderDropIn(policy)
  const files = [...systemdFiles(policy, defaultNode), ...portableFiles(policy, defaultNode)]
  return {
    ...(sudoers === undefined ? {} : { sudoers }),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files.map(({ path, text }) => [path, text])) }),
  }
}

const shownFiles = ({ sudoers, files = {} }: InForce): string => {
  const others = Object.entries(files).map(([path, text]) => `### ${path}\n${text}`)
  return [...(sudoers === undefined ? [] : [sudoers]), ...others].join('\n')
}

/** Everything that follows from policies, by path, and the schema of policy files where it is wanted. */
export async function renderFiles(
  directory: string,
  policies: readonly Policy[],
  schema = true,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  if (schema) files.set(join(directory, 'schema', 'policy.json'), json(await policyJsonSchema()))
  for (const policy of policies) {
    for (const [name, text] of await rendered(policy)) files.set(join(directory, 'rendered', name), text)
  }
  return files
}

/** The files of one policy, by name. */
async function rendered(policy: Policy): Promise<[name: string, text: string][]> {
  const { name, principal } = policy
  const [sudoers, unit, profile] = [renderDropIn(policy), renderAppService(policy), renderAppProfile(policy)]
  const system = [...systemdFiles(policy, defaultNode), ...portableFiles(policy, defaultNode)]
  const optional = (file: string, text: string | undefined): [string, string][] =>
    text === undefined ? [] : [[file, text]]
  return [
    ...optional(`${name}.sudoers`, sudoers),
    [`${name}.md`, `${renderTable(policy).trimEnd()}\n`],
    [`${name}.schema.json`, json(await inputJsonSchema(policy))],
    ...system.map(({ path, text }): [string, string] => [systemName(path), text]),
    ...apparmorFiles(policy, defaultNode).map(({ path, text }): [string, string] => [
      `${basename(path)}.apparmor`,
      text,
    ]),
    ...optional(`${principal.name}.service`, unit),
    ...optional(`${principal.name}-service.apparmor`, profile),
  ]
}

/** `privexec-pgd.conf` of tmpfiles.d becomes `privexec-pgd.tmpfiles.conf`: sysusers.d has one of the same name. */
function systemName(path: string): string {
  const [, kind] = /\/([a-z]+)\.d\/[^/]*\.conf$/.exec(path) ?? []
  return kind === undefined ? basename(path) : basename(path).replace(/conf$/, `${kind}.conf`)
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

async function compared([path, text]: [string, string]): Promise<Rendered> {
  const present = await ifPresent(readFile(path, 'utf8'))
  return { path, text, state: present === undefined ? 'missing' : present === text ? 'unchanged' : 'stale' }
}

async function write({ path, text }: Rendered): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
