import { isAbsolute, join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import type { Context } from './context.ts'
import { PgdError } from './errors/error.ts'
import type { RuntimeKind } from './facts/model.ts'
import { homeOf } from './home.ts'
import { openLocks } from './locks/locks.ts'
import type { Runtime } from './runtime/runtime.ts'
import type { Store } from './store/store.ts'

/** Where to work; all is found where nothing is said. */
export interface OpenOptions {
  /** `zfs:tank/pgd/databases` or `directory:/path`; PGD_STORE, else what this machine has. */
  readonly store?: string
  /** `docker` or `process`, for new projects; PGD_RUNTIME, else what this machine has. */
  readonly runtime?: RuntimeKind
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Directories of this account (XDG Base Directory Specification); a relative value counts as none. */
export function directories(env: Readonly<Record<string, string | undefined>> = process.env) {
  const home = homeOf(env)
  const of = (value: string | undefined, usual: string): string =>
    join(value !== undefined && isAbsolute(value) ? value : join(home, usual), 'pgd')
  return { data: of(env.XDG_DATA_HOME, '.local/share'), state: of(env.XDG_STATE_HOME, '.local/state') }
}

/** Opens what operations work with; storage at once, the rest when it is needed. */
export async function openContext(options: OpenOptions = {}): Promise<Context> {
  const { env = process.env } = options
  const { data, state } = directories(env)
  const [store, locks] = [await openStore(options.store ?? env.PGD_STORE, data), openLocks(join(state, 'locks'))]
  const opened = once(() => openRuntimes(options.runtime ?? readRuntime(env.PGD_RUNTIME), env))
  return {
    store,
    locks,
    runtimes: async () => (await opened()).flatMap(one => ('runtime' in one ? [one.runtime] : [])),
    runtime: async kind => {
      const all = await opened()
      const found = all.find(one => one.kind === kind || kind === undefined)
      if (found !== undefined && 'runtime' in found) return found.runtime
      throw found?.reason
    },
    authority: once(async () => {
      const { openAuthority } = await import('./tls/authority.ts')
      return openAuthority(join(data, 'authority'))
    }),
    now: Date.now,
  }
}

async function openStore(wish: string | undefined, data: string): Promise<Store> {
  const [kind, ...rest] = (wish ?? '').split(':')
  const place = rest.join(':')
  if (wish === undefined || kind === 'zfs') {
    const { openZfsStore } = await import('./store/zfs/open.ts')
    const store = await openZfsStore(wish === undefined ? undefined : place)
    if (store !== undefined) return store
  }
  if (wish === undefined || (kind === 'directory' && isAbsolute(place))) {
    const { openDirectoryStore } = await import('./store/directory/open.ts')
    return openDirectoryStore(wish === undefined ? join(data, 'databases') : place)
  }
  const message = `store ${escapeValue(wish)} is neither zfs:DATASET nor directory:/PATH`
  throw new PgdError('PGD_INPUT_INVALID', message, { field: 'store' })
}

function readRuntime(text: string | undefined): RuntimeKind | undefined {
  if (text === undefined || text === 'docker' || text === 'process') return text
  throw new PgdError('PGD_INPUT_INVALID', `runtime ${escapeValue(text)} is neither docker nor process`, {
    field: 'runtime',
  })
}

type Opened = { readonly kind: RuntimeKind } & ({ readonly runtime: Runtime } | { readonly reason: unknown })

/** Both kinds, or why there is none; the wished one stands first, then what is there, then containers. */
async function openRuntimes(
  wish: RuntimeKind | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Opened[]> {
  const [{ openDocker }, { openProcessRuntime }] = await Promise.all([
    import('./runtime/docker/docker.ts'),
    import('./runtime/process/runtime.ts'),
  ])
  const found = await Promise.all([opening('docker', openDocker({ env })), opening('process', openProcessRuntime(env))])
  const rank = (one: Opened): number => (one.kind === wish ? 0 : 'runtime' in one ? 1 : 2)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

const opening = (kind: RuntimeKind, runtime: Promise<Runtime>): Promise<Opened> =>
  runtime.then(
    opened => ({ kind, runtime: opened }),
    reason => ({ kind, reason }),
  )

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
