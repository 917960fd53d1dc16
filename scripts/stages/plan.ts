import { globSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Stage } from './stage.ts'

/** Seconds that a folder below `test/` may take, where the usual 240 are not what fits. */
const limits: Readonly<Record<string, number>> = {
  unit: 900,
  appstore: 900,
  attacks: 900,
  bench: 400,
  cli: 400,
  demo: 400,
  doctor: 400,
  equivalence: 420,
  pgd: 1500,
  root: 900,
  stranger: 400,
  'sudo-rs': 300,
  vm: 10_800,
}
const usualLimit = 240

/**
 * Folders that bring their own way to run: for the attacks it sets sysctls of the machine first and restores them, for
 * sudo-rs it fetches that.
 */
const ownRunner: Readonly<Record<string, string>> = { attacks: 'test/attacks/run.ts', 'sudo-rs': 'test/sudo-rs/run.ts' }

/** What comes first: a broken host makes everything after it fail. The rest follows in the order of names. */
const first = ['host', 'cli', 'doctor', 'equivalence', 'attacks', 'demo']

/** A test that asks whether it is on a host runs on one; one that starts hosts itself, or needs none, on the machine. */
function isInsideHost(file: string): boolean {
  const text = readFileSync(file, 'utf8')
  const imports = (name: string): boolean => new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from`, 'm').test(text)
  return (imports('prepareHost') || imports('insideHost')) && !imports('hostMissing')
}

/** The stages of `npm test` after the static checks, in their order. Paths are relative to the repository. */
export function plan(): Stage[] {
  const unit = globSync('{packages,apps}/*/test/**/*.test.ts').sort()
  const stages = tapStages('unit', unit)
  const folders = [...new Set(globSync('test/*/**/*.test.ts').map(file => file.split('/')[1] ?? ''))]
  const rank = (folder: string): number => (first.includes(folder) ? first.indexOf(folder) : first.length)
  for (const folder of folders.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))) {
    const runner = ownRunner[folder]
    const limit = limits[folder] ?? usualLimit
    if (runner !== undefined && globSync(runner).length > 0) {
      stages.push({ name: folder, title: `${folder}: ${runner}`, command: ['node', runner], limit, needsHost: true })
    } else stages.push(...tapStages(folder, globSync(`test/${folder}/**/*.test.ts`).sort()))
  }
  return stages
}

function tapStages(name: string, files: readonly string[]): Stage[] {
  const inside = files.filter(isInsideHost)
  const outside = files.filter(file => !inside.includes(file))
  const limit = limits[name] ?? usualLimit
  const stages: Stage[] = []
  if (outside.length > 0) {
    const title = `${name}: ${describe(outside)} on this machine`
    stages.push({ name, title, command: ['tap', ...outside], limit, needsHost: false })
  }
  if (inside.length > 0) {
    const title = `${name}: ${describe(inside)} in a throwaway host`
    // The files share one host: its drop-ins, containers and pool.
    const command = ['node', 'test/host/run.ts', '--', 'tap', '--jobs=1', ...inside] as const
    stages.push({ name, title, command, limit, needsHost: true })
  }
  return stages
}

/** Files in a few words; their paths are relative. */
export function describe(files: readonly string[]): string {
  const [first = ''] = files
  if (files.length === 1) return basename(first)
  let folder = dirname(first)
  while (folder !== '.' && !files.every(file => file.startsWith(`${folder}/`))) folder = dirname(folder)
  return folder === '.' ? `${files.length} files` : `${files.length} files of ${folder}`
}
