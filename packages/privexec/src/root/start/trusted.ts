import { constants, type Stats } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PrivexecError } from '../../errors/error.ts'
import { escapeValue } from '../../errors/escape.ts'

/** Bytes of a file that root reads, at most. */
const longest = 1_048_576

/**
 * Reads a file that nobody but root could have written, nor put there: the file and every directory above it belong to
 * root, nobody else may write them, and none is a link. Throws `PRIVEXEC_POLICY_UNREADABLE`.
 */
export async function readTrusted(path: string): Promise<Buffer> {
  const refused = (why: string, cause?: unknown) =>
    new PrivexecError('PRIVEXEC_POLICY_UNREADABLE', `${escapeValue(path)} ${why}`, { cause })
  for (let above = dirname(path); ; above = dirname(above)) {
    const stat = await lstat(above).catch(cause => {
      throw refused('cannot be reached', cause)
    })
    const fault = stat.isDirectory() ? foreign(stat) : 'is not a directory'
    if (fault) throw refused(`is not trusted: ${escapeValue(above)} ${fault}`)
    if (above === dirname(above)) break
  }
  // Without O_NONBLOCK, a pipe in its place would be waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(cause => {
    throw refused('cannot be opened', cause)
  })
  try {
    const stat = await file.stat()
    const fault = stat.isFile() ? foreign(stat) : 'is not a regular file'
    if (fault) throw refused(fault)
    if (stat.size > longest) throw refused(`has more than ${longest} bytes`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** An access control list shows in the group's bits, which are its mask (acl(5)), so not even root's group may write. */
function foreign({ uid, mode }: Stats): string | undefined {
  if (uid !== 0) return `belongs to the account ${uid}`
  return (mode & 0o022) !== 0 ? 'may be written by others than its owner' : undefined
}
