import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What makes a staging directory unsafe, as sentences; empty when root can read from it without being led astray. */
export async function stagingProblems(drop: string): Promise<string[]> {
  const problems: string[] = []
  for (let path = drop; ; path = dirname(path)) {
    const stat = await lstat(path).catch(() => undefined)
    if (!stat?.isDirectory()) {
      problems.push(`${path} is not a directory`)
    } else {
      if (stat.uid !== 0) problems.push(`${path} belongs to the account ${stat.uid}, not to root`)
      const others = (stat.mode & 0o022) !== 0
      if (path === drop && (stat.mode & 0o7777) !== 0o1777) problems.push(`${path} must have mode 1777`)
      if (path !== drop && others) problems.push(`${path} may be written by others than root`)
    }
    if (path === dirname(path)) return problems
  }
}
