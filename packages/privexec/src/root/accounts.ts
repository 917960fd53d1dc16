import { type BigIntStats, readFileSync, statSync } from 'node:fs'
import { parsePasswd } from '../auxiliary/passwd.ts'

/** Names and numbers of the accounts of this machine, as its files say now. */
export interface Accounts {
  /** Name of an account; undefined when passwd(5) has none with this id. The first line counts, as for getpwuid(3). */
  userName(uid: number): string | undefined
  /** Id of a group; undefined when group(5) has none of this name. */
  groupId(name: string): number | undefined
}

/**
 * Reads the files once, and again when they have changed. Accounts that only a directory service knows are not found:
 * asking one would load code of others into root's process.
 */
export function openAccounts(passwd: string = '/etc/passwd', group: string = '/etc/group'): Accounts {
  const users = latest(passwd, text => {
    const names = new Map<number, string>()
    for (const { uid, name } of parsePasswd(text)) {
      if (isId(uid) && name !== '' && !names.has(uid)) names.set(uid, name)
    }
    return names
  })
  const groups = latest(group, text => {
    const ids = new Map<string, number>()
    // Lines of group(5) begin as those of passwd(5) do: name, password, id.
    for (const { name, uid: gid } of parsePasswd(text))
      if (isId(gid) && name !== '' && !ids.has(name)) ids.set(name, gid)
    return ids
  })
  return { userName: uid => users().get(uid), groupId: name => groups().get(name) }
}

const isId = (id: number): boolean => id < 0xffffffff

/** What a file holds, read again only when the file is another or was written to. Throws when it cannot be read. */
function latest<T>(path: string, read: (text: string) => T): () => T {
  let stamp = ''
  let value: T
  return () => {
    const now = stampOf(statSync(path, { bigint: true }))
    if (now !== stamp) {
      value = read(readFileSync(path, 'utf8'))
      stamp = now
    }
    return value
  }
}

const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(' ')
