import type { ServerOptions } from '../../apps/appstore/src/api/server.ts'
import { makeServer } from '../../apps/appstore/src/api/server.ts'
import { version } from '../../apps/appstore/src/cli/version.ts'
import type { Appstore } from '../../apps/appstore/src/contract.ts'

/** The description of the API, from the routes themselves; nothing is listened on, and no store is opened. */
export async function appstoreOpenApi(): Promise<object> {
  const nothing = {} as never
  const options: ServerOptions = {
    appstore: { catalog: {}, installs: {}, jobs: {} } as unknown as Appstore,
    ...{ accounts: nothing, tokens: nothing, sessions: nothing, attempts: nothing },
    tls: { key: '', cert: '' },
    names: [],
    address: '127.0.0.1',
    version: version(),
    log: 'silent',
    isReady: async () => false,
  }
  const server = await makeServer(options)
  try {
    await server.ready()
    return server.swagger()
  } finally {
    await server.close()
  }
}
