/** A line of passwd(5), as far as anybody here needs it. */
export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Reads what getent(1) prints of the database passwd. An id that is no number is NaN, and never somebody's. */
export function parsePasswd(text: string): PasswdEntry[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [name = '', , uid, gid] = line.split(':')
      return { name, uid: idOf(uid), gid: idOf(gid) }
    })
}

const idOf = (text = ''): number => (/^\d{1,10}$/.test(text) ? Number(text) : Number.NaN)
