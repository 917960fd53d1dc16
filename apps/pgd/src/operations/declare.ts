import type { Context } from '../context.ts'
import type { Session } from '../postgres/connect.ts'
import { settlePassword } from '../serve/password.ts'
import type { Volume } from '../store/store.ts'

/**
 * Declares a volume ready while its server is given its password; a kill in between leaves that for the next call. A server
 * that does not take it makes a volume that is not ready.
 */
export async function declare({ store }: Pick<Context, 'store'>, volume: Volume, session: Session): Promise<Volume> {
  const [ready, password] = await Promise.allSettled([
    store.changeVolume(volume, { ...volume.facts, state: 'ready' }),
    settlePassword(volume.path, session),
  ])
  if (ready.status === 'rejected') throw ready.reason
  if (password.status === 'fulfilled') return ready.value
  await store.changeVolume(volume, volume.facts)
  throw password.reason
}
