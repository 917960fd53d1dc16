import { parseMounts } from '../auxiliary/mounts.ts'
import { escapeValue } from '../errors/escape.ts'
import type { Context } from './context.ts'
import type { Findings } from './finding.ts'
import { readText } from './machine.ts'

/** A dataset of the policy lies at most this deep below the base; what is mounted in the last one is not ours. */
const deepest = 3

/**
 * The datasets below a base that are mounted on the host. mount(2) follows links, so whoever may write the directory of
 * a dataset can plant one where a dataset below it is to be mounted, and choose the place.
 */
export async function judgeMounts(found: Findings, base: string, { machine, accounts, group }: Context): Promise<void> {
  const { value } = await readText(machine, '/proc/1/mountinfo')
  const mounts = parseMounts(value ?? (await readText(machine, '/proc/self/mountinfo')).value ?? '')
  for (const { source, point, type, options } of mounts) {
    if (!type.includes('zfs') || (source !== base && !source.startsWith(`${base}/`))) continue
    const shown = `${escapeValue(source)}, mounted at ${escapeValue(point)},`
    const lacks = ['nosuid', 'nodev'].filter(option => !options.includes(option))
    if (lacks.length > 0) {
      const message = `${shown} lacks ${lacks.join(' and ')}`
      if (type === 'zfs') found.warning(message, 'Set setuid=off and devices=off, and mount it again')
      else found.note(`${message}, which ${type} never sets`)
    }
    const depth = source === base ? 0 : source.slice(base.length + 1).split('/').length
    const { value: entry } = await machine.look(point)
    if (depth === 0 || depth >= deepest || entry === undefined) continue
    const shared = (entry.mode & 0o022) !== 0
    if (entry.uid === 0 && !shared) continue
    const principals = accounts.some(({ uid }) => uid === entry.uid) || (shared && entry.gid === group)
    found.add(
      principals || (entry.mode & 0o002) !== 0 ? 'error' : 'warning',
      `${shown} may be written by ${principals ? 'the principal' : 'others than root'}: a link there leads the mount of a dataset below it astray`,
      'Keep data in datasets that have none below them, or the directory root:root 0755 with the data in a folder of it',
    )
  }
}
