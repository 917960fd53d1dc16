import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Accounts } from '../access/accounts.ts'
import { Attempts } from '../access/attempts.ts'
import { Sessions } from '../access/sessions.ts'
import { Tokens } from '../access/tokens.ts'
import { identityOf } from '../api/certificate.ts'
import { knownNames } from '../api/guard/origin.ts'
import { makeServer } from '../api/server.ts'
import type { Config } from '../config/config.ts'
import { databaseFinding } from '../doctor/database.ts'
import { provisionerBy } from '../provision/provisioner.ts'
import { type AppstoreParts, type OpenAppstore, openAppstore } from '../service/appstore.ts'
import type { Surroundings } from './surroundings.ts'

/** What the daemon is started with. */
export interface ServeOptions {
  readonly config: Config
  readonly surroundings: Omit<Surroundings, 'close'>
  readonly version: string
  readonly isLab: boolean
  readonly audit: AppstoreParts['audit']
  readonly doctor: AppstoreParts['doctor']
  readonly log?: 'silent' | 'warn' | 'info' | 'debug'
}

/** A daemon that listens. */
export interface Daemon {
  readonly url: string
  /** Of its certificate, SHA-256. */
  readonly fingerprint: string
  readonly appstore: OpenAppstore
  readonly accounts: Accounts
  readonly tokens: Tokens
  /** Stops listening, and leaves what runs to the next start. */
  close(): Promise<void>
}

/** Between two times at which old jobs are removed, in milliseconds. */
const pruneInterval = 3_600_000
const dayInMilliseconds = 86_400_000

/** Starts the daemon. */
export async function serve(options: ServeOptions): Promise<Daemon> {
  const { config, surroundings, version, isLab, audit, doctor, log } = options
  const { listen, state } = config
  const names = [...knownNames(listen.names, listen.address)]
  const appstore: OpenAppstore = await openAppstore({
    ...{ config, version, isLab, audit },
    doctor: async signal => [databaseFinding(appstore.store.database), ...(await doctor(signal))],
    ...surroundings,
    provisioner: provisionerBy(surroundings.guestDoor),
    onFault: error => console.error(`appstore: ${(error as Error).stack ?? error}`),
  })
  try {
    const { database } = appstore.store
    const accounts = new Accounts(database)
    const tokens = new Tokens(database)
    const identity = await identityOf(state, names, listen)
    const server = await makeServer({
      ...{ appstore, accounts, tokens, sessions: new Sessions(database), attempts: new Attempts() },
      ...{ tls: identity, names: listen.names, address: listen.address, version },
      page: pageFolder(),
      ...(log === undefined ? {} : { log }),
      isReady: async () => (await appstore.status()).proxmox.reachable,
    })
    await server.listen({ host: listen.address, port: listen.port })
    const { port } = server.server.address() as { port: number }
    const prune = (): void => void appstore.store.jobs.prune(Date.now() - config.jobs.keepDays * dayInMilliseconds)
    prune()
    const pruning = setInterval(prune, pruneInterval)
    return {
      ...{
        url: `https://${hostOf(listen.address)}:${port}`,
        fingerprint: identity.fingerprint,
        appstore,
        accounts,
        tokens,
      },
      close: async () => {
        clearInterval(pruning)
        await server.close()
        await appstore.close()
      },
    }
  } catch (error) {
    await appstore.close()
    throw error
  }
}

/** The page as it was built: beside the compiled program, or in the folder of the sources. */
function pageFolder(): string {
  const built = join(import.meta.dirname, '../page')
  return existsSync(built) ? built : join(import.meta.dirname, '../../dist/page')
}

const hostOf = (address: string): string => {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
