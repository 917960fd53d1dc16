import { PgdError } from '../../errors/error.ts'
import type { Engine } from './engine.ts'
import { EngineRefusal } from './failure.ts'
import type { Traits } from './traits.ts'

/** Network of all servers of an engine, whoever's they are. */
const name = 'pgd-servers'

/** Docker's option that lets containers of a bridge reach each other. */
const reach = 'com.docker.network.bridge.enable_icc'

/**
 * The network that a published server joins. On Docker's usual one any other container could try passwords on it; here
 * containers do not reach each other, and those of other networks never did. Podman without root gives each container a
 * network of its own, unless it is asked for `default`, which is Docker's.
 */
export const networkOf = ({ name: engine }: Traits): string => (engine === 'docker' ? name : 'private')

/** Makes that network where it is not there yet. Rejects with `PGD_FOREIGN` for one of its name that is open. */
export async function ensureNetwork(engine: Engine): Promise<void> {
  if (networkOf(engine.traits) !== name) return
  const found = (await engine.network(name)) ?? (await makeNetwork(engine))
  if (found?.Driver === 'bridge' && found.Options?.[reach] === 'false') return
  const message = `There is a network ${name} whose containers reach each other`
  throw new PgdError('PGD_FOREIGN', message, { hint: `Remove it, and pgd makes its own: docker network rm ${name}` })
}

/** Of two who do so at once, one is told that it is there. */
async function makeNetwork(engine: Engine) {
  const options = { Name: name, Driver: 'bridge', CheckDuplicate: true, Options: { [reach]: 'false' } }
  await engine.createNetwork(options).catch(error => {
    if (!(error instanceof EngineRefusal) || error.status !== 409) throw error
  })
  return engine.network(name)
}
