import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Policy } from '../../policy/policy.ts'
import { inputJsonSchema, policyJsonSchema } from '../../render/schema.ts'
import { renderSudoers } from '../../render/sudoers.ts'
import { renderTable } from '../../render/table.ts'
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
  describe: 'Render the sudoers drop-in, the table and the JSON schemas of policies',
  builder: yargs =>
    withPolicyFiles(yargs)
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Write rendered/ and schema/ below this directory',
      })
      .option('check', { type: 'boolean', default: false, describe: 'Write nothing; exit 1 when a file is stale' })
      .example('$0 policy render policies/appstore.yaml', 'Print the drop-in')
      .example('$0 policy render policies/*.yaml --out policies', 'Write everything beside the policies'),
  run: async ({ file, out, check }) => {
    const names = file as string[]
    const policies = await Promise.all(names.map(findPolicy))
    const warning = cannotEnforce(await installedSudo())
    if (warning !== undefined) note(`privexec: ${warning}`)
    if (out === undefined && !check) {
      const dropIns = policies.map(policy => ({
        policy: policy.name,
        hash: policy.hash,
        sudoers: renderSudoers(policy),
      }))
      return { data: { dropIns, warning }, text: dropIns.map(each => each.sudoers).join('\n') }
    }
    const directory = out ?? dirname(policyPath(names[0] ?? ''))
    const files = await Promise.all([...(await renderFiles(directory, policies))].map(compared))
    if (!check) await Promise.all(files.filter(({ state }) => state !== 'unchanged').map(write))
    const stale = files.filter(({ state }) => state !== 'unchanged').map(({ path }) => path)
    return {
      data: { stale, files: files.map(({ path, state }) => ({ path, state })), warning },
      text: files.map(({ path, state }) => `${check || state === 'unchanged' ? state : 'written'}  ${path}`).join('\n'),
      exit: check && stale.length > 0 ? 1 : 0,
    }
  },
})

/** Everything that follows from policies, by path: three files for each, and the schema of policy files. */
export async function renderFiles(directory: string, policies: readonly Policy[]): Promise<Map<string, string>> {
  const files = new Map([[join(directory, 'schema', 'policy.json'), json(await policyJsonSchema())]])
  for (const policy of policies) {
    const base = join(directory, 'rendered', policy.name)
    files.set(`${base}.sudoers`, renderSudoers(policy))
    files.set(`${base}.md`, `${renderTable(policy).trimEnd()}\n`)
    files.set(`${base}.schema.json`, json(await inputJsonSchema(policy)))
  }
  return files
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

async function compared([path, text]: [string, string]): Promise<Rendered> {
  const present = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return { path, text, state: present === undefined ? 'missing' : present === text ? 'unchanged' : 'stale' }
}

async function write({ path, text }: Rendered): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
