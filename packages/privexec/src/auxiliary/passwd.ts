/** A line of passwd(5), as far as anybody here needs it. */
export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Reads what getent(1) prints of the database passwd. */
export function parsePasswd(text: string): PasswdEntry[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [name = '', , uid, gid] = line.split(':')
      return { name, uid: Number(uid), gid: Number(gid) }
    })
}
