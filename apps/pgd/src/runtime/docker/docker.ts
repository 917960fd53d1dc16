import { escapeValue } from '@broker/privexec/escape'
import { PgdError } from '../../errors/error.ts'
import type { Runtime } from '../runtime.ts'
import { containerAccount, thisAccount } from './account.ts'
import { findEngine } from './engine.ts'
import { translate } from './failure.ts'
import { resolveImage } from './image.ts'
import { containerLayout, sharedPath } from './layout.ts'
import { prepareServer } from './server.ts'
import { listServers, logOf, stopServer } from './servers.ts'
import { runTool } from './tool.ts'
import { endTools, sweepTools } from './tools-end.ts'

export interface DockerOptions {
  /** Environment of the caller: DOCKER_HOST, XDG_RUNTIME_DIR, XDG_DATA_HOME. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Servers in containers of Docker or Podman, on this machine. Rejects with `PGD_RUNTIME_UNAVAILABLE` when no engine
 * answers, or when its containers cannot run as this account; with `PGD_REFUSED` for root.
 */
export async function openDocker(options: DockerOptions = {}): Promise<Runtime> {
  const { env = process.env } = options
  const [account, engine] = await Promise.all([thisAccount(env), findEngine(env)])
  const { traits, socket } = engine
  if (traits.name === 'docker' && traits.isRootless) {
    // Its user ids are shifted: 0 of a container is this account, and PostgreSQL does not run as 0.
    const message = `The engine at ${escapeValue(socket)} is Docker without root, whose containers cannot run as this account`
    const hint = "Use Docker with root, Podman, or PostgreSQL's own programs: --runtime process"
    throw new PgdError('PGD_RUNTIME_UNAVAILABLE', message, { hint })
  }
  return {
    kind: 'docker',
    account: containerAccount,
    title: `${traits.name} ${traits.version} (unix://${socket})`,
    resolve: (wish, signal, onStep = () => {}) => {
      const ask = async (image: string): Promise<string> => {
        const tool = { argv: ['postgres', '--version'] as const, kind: { image, version: 0 } }
        return (await runTool(engine, account, signal === undefined ? tool : { ...tool, signal })).stdout
      }
      return telling(wish.image ?? 'the image', resolveImage(engine, wish, onStep, ask, signal))
    },
    list: () => telling('the list of servers', listServers(engine, account)),
    prepare: spec => telling(`${spec.project}/${spec.branch}`, prepareServer(engine, account, spec)),
    stop: ({ key }, seconds) => telling(`the end of server ${key}`, stopServer(engine, account, key, seconds)),
    log: async ({ key }, lines) => telling(`the log of server ${key}`, logOf(engine, account, key, lines)),
    run: tool => runTool(engine, account, tool),
    // Labels tell of all.
    isServed: async () => false,
    endTools: volume => telling(`programs that work on ${escapeValue(volume, 200)}`, endTools(engine, account, volume)),
    sweep: () => telling('what was left of programs', sweepTools(engine, account)),
    layoutOf: () => containerLayout,
    sharedAt: sharedPath,
  }
}

/** What an engine refuses is told as an error of ours. */
const telling = <T>(subject: string, work: Promise<T>): Promise<T> =>
  work.catch(error => {
    throw translate(error, subject)
  })
