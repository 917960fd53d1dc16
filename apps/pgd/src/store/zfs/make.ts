import { chmod, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isPgdError, PgdError } from '../../errors/error.ts'
import type { VolumeFacts } from '../../facts/model.ts'
import { renderVolume } from '../../facts/volume.ts'
import { together } from '../../together.ts'
import { onFiles } from '../directory/failure.ts'
import type { Volume, VolumeName } from '../store.ts'
import { done } from './failure.ts'
import { bytes, datasetOf, type Found } from './inventory.ts'
import { removal } from './removal.ts'
import type { Zfs } from './verbs.ts'
import { gone, title } from './words.ts'

/** What the volume is a copy of; `arrived` is called when its files are there (`Store.copyVolume`). */
interface Origin {
  readonly isOf: (volume: Volume) => boolean
  readonly arrived?: (() => Promise<unknown>) | undefined
}

/** Makes a volume as `make` does, and mounts it; whatever fails, nothing of it stays, as far as that can be. */
export type MakeVolume = (
  action: string,
  at: VolumeName,
  facts: VolumeFacts,
  make: () => Promise<unknown>,
  origin?: Origin,
) => Promise<Volume>

/** Bytes that a directory needs, with what ZFS writes around it. */
const leastSpace = 256 * 1024

/** Makes volumes by the verbs of zfs. */
export function volumeMaker(zfs: Zfs, list: () => Promise<Found>, pathOf: (at: VolumeName) => string): MakeVolume {
  const { base } = zfs
  const { unmountNow, destroyNow } = removal(zfs)

  /** Mounts what was just made and hands it over. */
  const finish = async (action: string, at: VolumeName, facts: VolumeFacts, origin?: Origin): Promise<Volume> => {
    const dataset = datasetOf(base, at)
    const arrive = async (): Promise<unknown> => {
      if (!(await isMountPoint(pathOf(at)))) await done(action, zfs.mount(dataset), 'alreadyMounted')
      return origin?.arrived?.()
    }
    // The listing does not wait for the mount, which it does not tell of anyway.
    const [found] = await together([list(), arrive()])
    if (origin === undefined) {
      await done(action, zfs.own(dataset))
      await onFiles(action, () => chmod(pathOf(at), 0o700))
    }
    const made = found.volumes.find(volume => datasetOf(base, volume) === dataset)
    if (made === undefined || made.facts.id !== facts.id || origin?.isOf(made) === false) throw gone(action)
    return { ...made, isMounted: true }
  }

  /** Destroys a volume that was made here and could not be finished; one of another call has other facts. */
  const undo = async (at: VolumeName, facts: VolumeFacts): Promise<void> => {
    const dataset = datasetOf(base, at)
    const { rows } = await list()
    if (rows.get(dataset)?.own.get('pgd:volume') !== renderVolume(facts)) return
    await unmountNow(dataset)
    await destroyNow(`Undoing ${dataset}`, dataset)
  }

  /**
   * The broker does not say why it refuses: the name may be taken. zfs-fuse does not say why it could not make a directory
   * to mount at; a base without space is the reason.
   */
  const explained = async (error: unknown, at: VolumeName): Promise<unknown> => {
    if (isPgdError(error) && error.isRefused) {
      const isTaken = (await list()).volumes.some(one => datasetOf(base, one) === datasetOf(base, at))
      return isTaken ? new PgdError('PGD_EXISTS', `${title(at)} exists`, { cause: error }) : error
    }
    if (!isPgdError(error) || !/failed to create mountpoint/.test(error.stderr ?? '')) return error
    const { base: row } = await list()
    const isFull = row !== undefined && bytes(row, 'available') < leastSpace
    return isFull ? new PgdError('PGD_NO_SPACE', error.message, { cause: error }) : error
  }

  return async (action, at, facts, make, origin) => {
    try {
      await make()
      return await finish(action, at, facts, origin)
    } catch (error) {
      const isOthers = isPgdError(error) && error.code === 'PGD_EXISTS'
      if (!isOthers) await undo(at, facts).catch(() => {})
      throw await explained(error, at)
    }
  }
}

/** Whether a file system begins there. User-space ZFS mounts a clone at once, whatever its `canmount` says. */
async function isMountPoint(path: string): Promise<boolean> {
  const [own, above] = await Promise.all([path, dirname(path)].map(each => stat(each).catch(() => undefined)))
  return own !== undefined && above !== undefined && own.dev !== above.dev
}
