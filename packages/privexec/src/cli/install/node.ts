import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { chmod, lchown, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ifPresent } from '../../auxiliary/present.ts'
import { PrivexecError } from '../../errors/error.ts'
import type { Step } from './step.ts'

/** Owner and mode of something on disk; `owner` is how people call it. */
export interface Wanted {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly owner: string
}

/** Root's own. */
export const rootOwned = (mode: number): Wanted => ({ mode, uid: 0, gid: 0, owner: 'root:root' })

/** A directory that must be there, with this owner and mode. Its parent must be root's alone. */
export async function directoryStep(path: string, wanted: Wanted, what: string): Promise<Step> {
  const stat = await statOf(path)
  const text = `${octal(wanted.mode)} ${wanted.owner}, ${what}`
  if (stat !== undefined && !stat.isDirectory()) throw failed(`${path} is in the way: it is not a directory`)
  if (stat !== undefined && isAs(stat, wanted)) return { path, state: 'unchanged', what: text }
  const apply = async () => {
    await requireRootsOwn(dirname(path))
    if (stat === undefined) await mkdir(path, { mode: 0o700 })
    await lchown(path, wanted.uid, wanted.gid)
    await chmod(path, wanted.mode)
  }
  return { path, state: stat === undefined ? 'create' : 'change', what: text, apply }
}

/** A file that must be there with this content, put in place whole. */
export async function fileStep(path: string, content: string, wanted: Wanted, what: string): Promise<Step> {
  const stat = await statOf(path)
  if (stat !== undefined && !stat.isFile()) throw failed(`${path} is in the way: it is not a regular file`)
  const present = stat === undefined ? undefined : await readFile(path, 'utf8')
  const text = `${octal(wanted.mode)} ${wanted.owner}, ${what}`
  if (stat !== undefined && present === content && isAs(stat, wanted)) {
    // What is right now could be something else in a moment, where others may write.
    await requireRootsOwn(dirname(path))
    return { path, state: 'unchanged', what: text }
  }
  const lines = present === undefined || present === content ? [] : changedLines(present, content)
  const apply = () => replaceFile(path, content, wanted)
  return { path, state: stat === undefined ? 'create' : 'change', what: text, lines, apply }
}

/** Writes a draft beside the file, has it checked, and renames it. The dot in its name keeps sudo from reading it. */
export async function replaceFile(
  path: string,
  content: string,
  { mode, uid, gid }: Wanted,
  check: (draft: string) => Promise<void> = async () => {},
): Promise<void> {
  await requireRootsOwn(dirname(path))
  const draft = join(dirname(path), `.privexec.${randomBytes(8).toString('hex')}`)
  const handle = await open(
    draft,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    await handle.writeFile(content)
    await handle.chown(uid, gid)
    await handle.chmod(mode)
    await handle.sync()
    await check(draft)
    await rename(draft, path)
  } finally {
    await handle.close()
    await rm(draft, { force: true })
  }
}

/** Throws where somebody but root could put something else in the place of what root writes there. */
export async function requireRootsOwn(directory: string): Promise<void> {
  for (let path = directory; ; path = dirname(path)) {
    const stat = await statOf(path)
    if (!stat?.isDirectory()) throw failed(`${path} is not a directory`)
    if (stat.uid !== 0 || (stat.mode & 0o022) !== 0) throw failed(`${path} can be changed by others than root`)
    if (path === dirname(path)) return
  }
}

/** `lstat`, undefined for nothing. */
export const statOf = (path: string): Promise<Stats | undefined> => ifPresent(lstat(path))

const isAs = ({ mode, uid, gid }: Stats, wanted: Wanted): boolean =>
  (mode & 0o7777) === wanted.mode && uid === wanted.uid && gid === wanted.gid

function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const [had, has] = [new Set(old), new Set(now)]
  const gone = old.filter(line => !has.has(line)).map(line => `- ${line}`)
  return [...gone, ...now.filter(line => !had.has(line)).map(line => `+ ${line}`)]
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

export const failed = (message: string): PrivexecError => new PrivexecError('PRIVEXEC_INSTALL_FAILED', message)
