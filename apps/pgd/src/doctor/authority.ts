import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { authorityDirectory } from '../tls/authority.ts'
import { type Finding, findings } from './finding.ts'

/** Whether the key of this account's certificate authority is for nobody else. */
export async function checkAuthority(directory = authorityDirectory()): Promise<readonly Finding[]> {
  const found = findings('authority')
  const key = join(directory, 'ca.key')
  const remove = `rm -r ${directory}; it is made anew, and branches get certificates of it when they restart`
  try {
    for (const [path, mask] of [
      [key, 0o077],
      [directory, 0o022],
    ] as const) {
      const { mode, uid } = await lstat(path)
      if (uid !== process.getuid?.()) found.problem(`${path} belongs to another account`, remove)
      else if ((mode & mask) !== 0)
        found.problem(`${path} is open to others, mode ${(mode & 0o7777).toString(8)}`, remove)
    }
    if (found.list.length === 0) found.ok('The key of the certificate authority is for this account alone')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') found.ok('There is no certificate authority yet; the first branch makes it')
    else found.problem(`${key} cannot be looked at: ${message}`)
  }
  return found.list
}
