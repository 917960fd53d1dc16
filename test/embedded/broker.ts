import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Broker, Policy, Transport } from '../../packages/privexec/src/index.ts'
import { recordingTransport, testBroker } from '../../packages/privexec/src/testing/index.ts'
import type { EmbeddedHost } from './host.ts'
import { runStandIn } from './programs.ts'

/**
 * A broker whose validation, policy, audit and results are the real ones, over stand-ins. `account` is taken for the
 * policy's principal, since nobody asks the system.
 */
export const embeddedBroker = (host: EmbeddedHost, policy: Policy, account: string, file: string): Promise<Broker> =>
  testBroker(policy, embeddedTransport(host), { account, audit: { file } })

/** Stages content below the host's directory, and runs the stand-ins within this process. */
function embeddedTransport(host: EmbeddedHost): Transport {
  const { start } = recordingTransport(async ({ argv, staged }) => {
    if (staged === undefined) return runStandIn(host, argv)
    if (!(staged.content instanceof Uint8Array)) throw new TypeError('the embedded host takes bytes only')
    const file = host.path(staged.file)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, staged.content, { flag: 'wx', mode: 0o600 })
    try {
      return runStandIn(host, argv)
    } finally {
      await rm(file)
    }
  })
  return { name: 'embedded', start }
}
