import { join, resolve } from 'node:path/posix'
import type { Account } from './accounts.ts'
import type { Entry, Machine } from './machine.ts'

/** A file or directory that somebody passes on the way to a path. */
export interface Place {
  readonly path: string
  readonly entry: Entry
}

/** As many links as Linux follows (path_resolution(7)). */
const mostLinks = 40

/**
 * Every directory and link on the way to a path, and the path itself, in the order of resolution. Ends with the name of
 * the error when the way ends early.
 */
export async function way(machine: Machine, path: string): Promise<{ places: Place[]; fault?: string }> {
  const places: Place[] = []
  let links = 0
  let at = '/'
  let rest = ['', ...resolve(path).split('/').filter(Boolean)]
  while (rest.length > 0) {
    const [name = '', ...after] = rest
    const next = join(at, name)
    const { value: entry, fault } = await machine.look(next)
    if (fault !== undefined) return { places, fault }
    places.push({ path: next, entry })
    rest = after
    if (entry.kind !== 'link') {
      at = next
      continue
    }
    links += 1
    const target = await machine.link(next)
    if (target.fault !== undefined || links > mostLinks) return { places, fault: target.fault ?? 'ELOOP' }
    rest = [...resolve(at, target.value).split('/').filter(Boolean), ...after]
    at = '/'
  }
  return { places }
}

/**
 * Who but root could replace what stands at a path, as sentences. An access control list shows in the group's bits,
 * which are its mask (acl(5)). What this account may not look at is left out.
 */
export async function writersBesideRoot(machine: Machine, path: string): Promise<string[]> {
  const { places, fault } = await way(machine, path)
  const problems = new Set(places.flatMap(openness))
  if (fault !== undefined && fault !== 'EACCES') problems.add(`${path} cannot be reached (${fault})`)
  return [...problems]
}

/** What is wrong with the owner and mode of one place that only root may write. */
export function openness({ path, entry }: Place): string[] {
  const problems: string[] = []
  if (entry.uid !== 0) problems.push(`${path} belongs to the account ${entry.uid}`)
  if (entry.kind === 'link') return problems
  if ((entry.mode & 0o002) !== 0) problems.push(`${path} may be written by everybody`)
  else if ((entry.mode & 0o020) !== 0 && entry.gid !== 0) {
    problems.push(`${path} may be written by the group ${entry.gid}`)
  }
  return problems
}

/** Whether the mode gives an account all of `bits` (4 read, 2 write, 1 enter). */
export function may({ uid, groupIds }: Account, entry: Entry, bits: number): boolean {
  const shift = entry.uid === uid ? 6 : groupIds.includes(entry.gid) ? 3 : 0
  return uid === 0 || ((entry.mode >> shift) & bits) === bits
}

/** A mode as people write it. */
export const modeText = (mode: number): string => mode.toString(8).padStart(4, '0')
