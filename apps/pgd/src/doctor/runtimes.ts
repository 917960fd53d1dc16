import { isPgdError } from '../errors/error.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Finding, findings } from './finding.ts'

type Env = Readonly<Record<string, string | undefined>>

const install = 'Install PostgreSQL or a container engine: apt-get install postgresql'

/** Longest wait for an engine that fetches an image, milliseconds. */
const patience = 120_000

/** Whether servers can run: each runtime runs `postgres --version` in the way that it runs servers. */
export async function checkRuntimes(env: Env = process.env): Promise<readonly Finding[]> {
  const found = findings('runtimes')
  const [{ openDocker }, { openProcessRuntime }] = await Promise.all([
    import('../runtime/docker/docker.ts'),
    import('../runtime/process/runtime.ts'),
  ])
  const [docker, local] = await Promise.all([tried(openDocker({ env })), tried(openProcessRuntime(env))])
  const isAny = docker.runtime !== undefined || local.runtime !== undefined
  for (const { runtime, reason } of [docker, local]) {
    if (runtime !== undefined) await checkRuntime(runtime, found)
    else if (isAny) found.ok(`Not here, and not needed: ${reason}`)
    else found.problem(reason, process.getuid?.() === 0 ? 'Run pgd as an account without rights' : install)
  }
  return found.list
}

async function checkRuntime(runtime: Runtime, found: ReturnType<typeof findings>): Promise<void> {
  const { title } = runtime
  try {
    const kind = await runtime.resolve({}, AbortSignal.timeout(patience))
    const { exitCode, stdout, stderr } = await runtime.run({ argv: ['postgres', '--version'], kind })
    if (exitCode === 0) found.ok(`${title}: ${stdout.trim()}`)
    else found.problem(`${title}: postgres --version failed with status ${exitCode}: ${stderr.trim().slice(-200)}`)
  } catch (error) {
    if (!isPgdError(error)) throw error
    if (error.code === 'PGD_IMAGE_UNAVAILABLE') found.warning(`${title}: ${error.message}`, 'Fetch it, or give --image')
    else found.failure(error)
  }
}

type Tried =
  | { readonly runtime: Runtime; readonly reason?: undefined }
  | { readonly runtime?: undefined; reason: string }

const tried = (opening: Promise<Runtime>): Promise<Tried> =>
  opening.then(
    (runtime): Tried => ({ runtime }),
    (error: unknown): Tried => {
      if (!isPgdError(error)) throw error
      return { reason: error.message }
    },
  )
