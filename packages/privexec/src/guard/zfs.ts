import { posix } from 'node:path'
import { mountPointOfBase } from '../argument/mount-point.ts'
import { type Mount, parseMounts } from '../auxiliary/mounts.ts'
import { escapeValue } from '../errors/escape.ts'
import type { Guard, GuardHost, GuardSubject } from './guard.ts'
import { type Asked, ask } from './zfs-subject.ts'

/** A guard that judges what zfs says of the dataset and of its base. */
const judges = (
  name: string,
  summary: string,
  judge: (asked: Asked, host: GuardHost, subject: GuardSubject) => string | undefined | Promise<string | undefined>,
): Guard => ({
  name,
  summary,
  settings: [],
  check: async (subject: GuardSubject) => {
    const answer = await ask(subject)
    return typeof answer === 'string' ? answer : judge(answer, subject.host, subject)
  },
})

/** Absolute, with at least one name, and spelled in the one way that the kernel prints it too. */
export const isPlainPath = (path: string): boolean =>
  path.startsWith('/') && !path.endsWith('/') && posix.normalize(path) === path

/** The dataset would be mounted where its place below the base says, and nobody chose another. */
export const mountBelowBase = judges(
  'mount-below-base',
  'The dataset is a file system that may be mounted, and its mount point is the one inherited from the base',
  ({ dataset, base, properties, ofBase }) => {
    const { type, canmount, mountpoint } = properties
    const root = ofBase.mountpoint.value
    if (type.value !== 'filesystem') return `${dataset} is a ${escapeValue(type.value)}`
    if (canmount.value === 'off') return `${dataset} has canmount=off`
    if (!isPlainPath(root)) return `${base} has mountpoint=${escapeValue(root)}`
    const place = `${root}${dataset.slice(base.length)}`
    if (mountpoint.value !== place)
      return `${dataset} would be mounted at ${escapeValue(mountpoint.value)}, not at ${place}`
    const [, giver = ''] = /^inherited from (.+)$/.exec(mountpoint.source) ?? []
    const isAbove = `${base}/`.startsWith(`${giver}/`)
    if (!isAbove && mountpoint.source !== 'default') {
      return `${dataset} has a mountpoint of its own (${escapeValue(mountpoint.source)})`
    }
    return undefined
  },
)

/** Whatever was received or copied into the dataset, it brings no rights along. */
export const noSetuidNoDevices = judges(
  'no-setuid-no-devices',
  'The properties setuid and devices of the dataset are off',
  ({ dataset, properties }) => {
    const on = (['setuid', 'devices'] as const).filter(name => properties[name].value !== 'off')
    return on.length > 0
      ? `${dataset} has ${on.map(name => `${name}=${properties[name].value}`).join(' and ')}`
      : undefined
  },
)

/**
 * Nothing is hidden by the mount, and nobody but root can lead it elsewhere by a link. OpenZFS mounts over what lies in a
 * directory unless `overlay` is off, so this looks itself. A dataset that is mounted there already is left to zfs, which
 * says so.
 */
export const emptyMountPoint = judges(
  'empty-mount-point',
  'Every directory on the way to the mount point is of root alone, and the last one is missing or empty',
  ({ dataset, properties }, host) => notEmpty(host, dataset, properties.mountpoint.value),
)

/** Why a dataset should not be mounted at a place; one that is mounted there already may be. */
export async function notEmpty(host: GuardHost, dataset: string, point: string): Promise<string | undefined> {
  if (!isPlainPath(point)) return `${dataset} has mountpoint=${escapeValue(point)}`
  const mount = topmost(await mountsOf(host), point)
  if (mount && !(mount.source === dataset && isZfs(mount))) return `${escapeValue(mount.source)} is mounted at ${point}`
  return await notOfRoot(host, point, mount === undefined)
}

/** Why the way to a place is not root's alone; with `whole`, its last directory is of root too, and empty. */
async function notOfRoot(host: GuardHost, point: string, whole: boolean): Promise<string | undefined> {
  const places = point.split('/').map((_name, index, names) => names.slice(0, index + 1).join('/') || '/')
  for (const place of whole ? places : places.slice(0, -1)) {
    const entry = await host.look(place)
    if (!entry) return undefined
    if (entry.kind !== 'directory') return `${place} is a ${entry.kind} and no directory`
    if (entry.uid !== 0) return `${place} belongs to the account ${entry.uid}`
    if ((entry.mode & 0o022) !== 0) return `${place} may be written by others than root`
    if (place === point && entry.entries !== 0) return `${place} is not empty`
  }
  return undefined
}

/**
 * What would be given away is the root directory of the dataset, seen through its mount, as zfs made it. Everything in it
 * would be the account's by and by, so there is nothing yet.
 */
export const freshlyMounted = judges(
  'freshly-mounted',
  'The dataset is mounted where the policy says, its root directory is empty and of root, and so is the way to it',
  async ({ dataset, base, properties }, host, { where }) => {
    const point = `${mountPointOfBase(where.base as never)}${dataset.slice(base.length)}`
    if (properties.mountpoint.value !== point) {
      return `${dataset} has mountpoint=${escapeValue(properties.mountpoint.value)}, not ${point}`
    }
    const mount = topmost(await mountsOf(host), point)
    if (mount?.source !== dataset || !isZfs(mount)) return `${dataset} is not mounted at ${point}`
    if (!(await host.look(point))) return `${point} is not there`
    return await notOfRoot(host, point, true)
  },
)

/** What would be unmounted is the dataset, at a place that is the base's to give. */
export const mountedBelowBase = judges(
  'mounted-below-base',
  'Wherever the dataset is mounted is below the mount point of the base, with nothing mounted over it',
  async ({ dataset, base, ofBase }, host) => {
    const root = ofBase.mountpoint.value
    if (!isPlainPath(root)) return `${base} has mountpoint=${escapeValue(root)}`
    const mounts = await mountsOf(host)
    for (const { point, source } of mounts.filter(isZfs)) {
      if (source !== dataset) continue
      if (!point.startsWith(`${root}/`)) return `${dataset} is mounted at ${escapeValue(point)}`
      const above = topmost(mounts, point)
      if (above?.source !== dataset) return `${escapeValue(above?.source)} is mounted over ${dataset}`
    }
    return undefined
  },
)

const isZfs = ({ type }: Mount): boolean => type === 'zfs' || type === 'fuse.zfs'

const topmost = (mounts: readonly Mount[], point: string): Mount | undefined =>
  mounts.findLast(mount => mount.point === point)

async function mountsOf(host: GuardHost): Promise<Mount[]> {
  const text = await host.read('/proc/1/mountinfo')
  if (!text) throw new Error('/proc/1/mountinfo cannot be read')
  return parseMounts(text)
}
