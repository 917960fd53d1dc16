import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import type { Count } from './stages/tap.ts'

/** One static check: what it asks, and the command that answers with its exit status. */
interface Check {
  readonly title: string
  readonly command: readonly [string, ...string[]]
}

/** Folders of policies; what is rendered from them lies in each. */
const folders = ['policies', ...globSync('policies/examples/*').sort()]

const rendered = folders.map((folder): Check => {
  const policies = globSync(`${folder}/*.yaml`).sort()
  // The schema of policy files is there once.
  const schema = folder === 'policies' ? [] : ['--no-schema']
  return {
    title: `files rendered from ${folder} are fresh`,
    command: ['node', 'packages/privexec/src/cli/main.ts', 'policy', 'render', ...policies, '--check', ...schema],
  }
})

/** `{file} --check` of every generator below `scripts/generate/` says whether what it writes is in the repository. */
const generators = globSync('scripts/generate/*.ts').sort()

const checks: readonly Check[] = [
  { title: 'types (tsc)', command: ['tsc', '-p', '.'] },
  { title: 'types of the app store’s page (tsc)', command: ['tsc', '-p', 'apps/appstore/web'] },
  { title: 'format and lint (biome)', command: ['biome', 'ci', '--colors=off', '.'] },
  ...rendered,
  ...generators.map((file): Check => ({ title: `${file} --check`, command: ['node', file, '--check'] })),
]

/** Runs all static checks, the same here and in CI, and shows the output of those that fail. */
export async function runChecks(show: (line: string) => void): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, skipped: 0 }
  for (const { title, command } of checks) {
    const [file, ...args] = command
    const output = await new Promise<string | undefined>(resolve => {
      execFile(file, args, { encoding: 'utf8', maxBuffer: 1e8 }, (error, stdout, stderr) =>
        resolve(error === null ? undefined : `${stdout}${stderr}${error.code === 'ENOENT' ? error.message : ''}`),
      )
    })
    show(`${output === undefined ? 'ok     ' : 'FAILED '} ${title}`)
    if (output === undefined) count.passed += 1
    else {
      show(output.trimEnd())
      count.failed += 1
    }
  }
  return count
}

if (import.meta.main) {
  process.chdir(`${import.meta.dirname}/..`)
  const { failed } = await runChecks(line => console.log(line))
  process.exitCode = failed > 0 ? 1 : 0
}
