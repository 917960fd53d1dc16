import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Whose staging directory it is: everybody's, sticky (1777), or root's alone (0700). */
export type Sharing = 'shared' | 'private'

const modes: Record<Sharing, number> = { shared: 0o1777, private: 0o700 }

/** What makes a staging directory unsafe, as sentences; empty when root can read from it without being led astray. */
export async function stagingProblems(drop: string, sharing: Sharing = 'shared'): Promise<string[]> {
  const problems: string[] = []
  for (let path = drop; ; path = dirname(path)) {
    const stat = await lstat(path).catch(() => undefined)
    if (!stat?.isDirectory()) {
      problems.push(`${path} is not a directory`)
    } else {
      if (stat.uid !== 0) problems.push(`${path} belongs to the account ${stat.uid}, not to root`)
      const others = (stat.mode & 0o022) !== 0
      const mode = modes[sharing]
      if (path === drop && (stat.mode & 0o7777) !== mode) {
        problems.push(`${path} must have mode ${mode.toString(8).padStart(4, '0')}`)
      }
      if (path !== drop && others) problems.push(`${path} may be written by others than root`)
    }
    if (path === dirname(path)) return problems
  }
}
