import t from 'tap'
import { appstorePolicy, type Daemon, installScript, startDaemon, testPolicy } from '../../root/support/daemon.ts'
import type { Answer, Request } from './client.ts'
import { ask, type Heard, speak } from './frames.ts'
import { type ClientOptions, library } from './library.ts'

/**
 * Policies for the root-side broker. Their names are others than those of the policies for sudo, so that both can be in
 * force on one host with a staging directory each.
 */
export const rootPolicies = {
  store: (more: object = {}): string => appstorePolicy({ ...named('store_root'), ...more }),
  pgd: (more: object = {}): string =>
    JSON.stringify({
      summary: 'Mount and unmount the datasets of branched databases',
      principal: { group: 'pgd' },
      transport: 'daemon',
      ...named('pgd_root'),
      grants: ['zfs.mount', 'zfs.unmount'].map(command => ({
        command,
        where: { base: { dataset: 'tank/pgd/databases', depth: 2 } },
        timeout: '30s',
      })),
      ...more,
    }),
  /** The commands of tests; `test.script` runs what {@link installScript} wrote. */
  probe: (more: object = {}): string => testPolicy({ ...named('probe_root'), ...more }),
} as const

function named(policy: string) {
  return { policy, audit: { file: `/var/log/privexec/${policy}/audit.jsonl` } }
}

const running = new Map<string, Daemon>()

/** The daemon that serves a policy; one of another text is ended first. `env` is that of a new one. */
export async function daemonOf(text: string, env: Readonly<Record<string, string>> = {}): Promise<Daemon> {
  const { policy: name } = JSON.parse(text) as { policy: string }
  const key = `${name} ${text}`
  const known = running.get(key)
  if (known && known.child.exitCode === null && known.child.signalCode === null) return known
  for (const [other, daemon] of running) {
    if (!other.startsWith(`${name} `)) continue
    running.delete(other)
    await daemon.stop()
  }
  const daemon = await startDaemon(text, { env })
  running.set(key, daemon)
  return daemon
}

/** Asks as the service, on the socket of {@link rootPolicies}.store; each frame may be text, with content or standard input after it. */
export async function askStore(requests: readonly (object | string)[], input?: string): Promise<Heard[]> {
  await daemonOf(rootPolicies.store())
  return speak(
    'appstore',
    requests.map(request => ask('store_root', request, input)),
  )
}

/** Asks as a member of the group, on the socket of {@link rootPolicies}.pgd. */
export async function askPgd(requests: readonly (object | string)[]): Promise<Heard[]> {
  await daemonOf(rootPolicies.pgd())
  return speak(
    'alice',
    requests.map(request => ask('pgd_root', request)),
  )
}

/** Asks the library as the service or as a member of the group, by policies of the root-side broker. */
export async function libraryByRoot(
  user: 'appstore' | 'alice',
  requests: readonly Request[],
  options: ClientOptions = {},
): Promise<readonly Answer[]> {
  const { policy = user === 'appstore' ? rootPolicies.store() : rootPolicies.pgd() } = options
  await daemonOf(policy)
  return library(user, requests, { ...options, policy })
}

export { installScript }

/** Ends what was started; an operation that hangs is ended with it. */
export const stopDaemons = async (): Promise<void> => {
  await Promise.all([...running.values()].map(daemon => daemon.stop()))
  running.clear()
}

t.teardown(stopDaemons)
