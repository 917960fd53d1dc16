import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { escapeValue } from '@broker/privexec/escape'
import { isPgdError, PgdError } from '../../errors/error.ts'
import { type Prepared, type ServerSpec, whereData } from '../runtime.ts'
import type { Account } from './account.ts'
import type { Engine } from './engine.ts'
import { engineGone, isAbsent, translate } from './failure.ts'
import { containerName } from './labels.ts'
import { ensureNetwork } from './network.ts'
import { serverOptions } from './options.ts'
import { containersOf, endContainer, readLog } from './servers.ts'
import { endOf } from './state.ts'

/** Seconds for a server that is in the way, or was started in vain. */
const patience = 30
/** Lines of a server that ended by itself. */
const lastWords = 20

/**
 * Makes the way free for a server: ends and removes what ours is left of one with this key or name. Its container itself
 * is made when it is started, since an engine wants the volume to be there; that takes about 25 ms.
 */
export async function prepareServer(engine: Engine, account: Account, spec: ServerSpec): Promise<Prepared> {
  const subject = `${spec.project}/${spec.branch}`
  const options = serverOptions(spec, account, engine.traits)
  const image = String(options.Image)
  const network = spec.port === undefined ? undefined : ensureNetwork(engine)
  const [found] = await Promise.all([engine.image(image), makeWay(engine, account, spec), network])
  if (found === undefined) throw new PgdError('PGD_IMAGE_UNAVAILABLE', `The image ${escapeValue(image)} is not here`)
  const ended = Promise.withResolvers<string>()
  let id: string | undefined
  let isDiscarded = false
  return {
    ended: ended.promise,
    start: async () => {
      await requireData(spec.volume, subject)
      try {
        id = await engine.create(options)
        await engine.start(id)
      } catch (error) {
        if (id !== undefined) await engine.remove(id)
        throw translate(error, subject, spec.port)
      }
      const started = id
      void wordsAtEnd(engine, started).then(words => {
        if (!isDiscarded) ended.resolve(words)
      })
    },
    discard: async () => {
      isDiscarded = true
      if (id !== undefined) await endContainer(engine, id, patience)
    },
  }
}

async function makeWay(engine: Engine, account: Account, spec: ServerSpec): Promise<void> {
  const name = containerName(spec)
  const [ours, named] = await Promise.all([containersOf(engine, account, spec.key), engine.container(name)])
  if (named !== undefined && !ours.some(({ Id }) => Id === named.Id)) {
    const message = `There is a container ${escapeValue(name)} that is not of this account's pgd`
    throw new PgdError('PGD_FOREIGN', message, { hint: `Look at it: docker inspect ${name}` })
  }
  // Two servers on one volume would not see each other, each in a container of its own.
  await Promise.all(ours.map(({ Id }) => endContainer(engine, Id, patience)))
}

/** A volume that is not mounted is an empty directory, or none. */
async function requireData(volume: string, subject: string): Promise<void> {
  try {
    await access(join(volume, 'data', 'PG_VERSION'))
  } catch (cause) {
    const message = `There is no database of ${subject} in ${escapeValue(volume, 200)}: it is not mounted, or not made yet`
    throw new PgdError('PGD_NOT_MOUNTED', message, { hint: whereData, cause })
  }
}

/** Never rejects: who waits for a server learns why it will not answer. */
async function wordsAtEnd(engine: Engine, id: string): Promise<string> {
  try {
    const code = await engine.whenEnded(id)
    const facts = await engine.container(id)
    if (facts === undefined) return 'its container was removed'
    return [endOf(code, facts.State.OOMKilled), await readLog(engine, id, lastWords)].filter(Boolean).join('\n')
  } catch (error) {
    if (isAbsent(error)) return 'its container was removed'
    return (isPgdError(error) ? error : engineGone(engine.socket, error)).message
  }
}
