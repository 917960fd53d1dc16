import { dirname, join } from 'node:path/posix'
import { type Machine, readText } from './machine.ts'

/** A stretch of sudoers text, in the order in which sudo reads them: an include cuts its file in two. */
export interface Segment {
  readonly file: string
  readonly text: string
}

/** All that sudo reads, and what it leaves out. */
export interface Sudoers {
  readonly segments: readonly Segment[]
  /** Files of an included directory that sudo passes over without a word. */
  readonly skipped: readonly string[]
  /** Directories that are included. */
  readonly directories: readonly string[]
  /** Files that this process cannot read. */
  readonly unreadable: readonly string[]
}

/** The main file. */
export const mainFile = '/etc/sudoers'

/** sudo stops there too (MAX_SUDOERS_DEPTH). */
const deepest = 128

/** Whether sudo passes over a file of an included directory (sudoers(5), "Including other files"). */
export const isSkipped = (name: string): boolean => name.includes('.') || name.endsWith('~')

/** Follows the includes of the main file. What cannot be read is named, never thrown. */
export async function readSudoers(machine: Machine, file: string = mainFile): Promise<Sudoers> {
  const segments: Segment[] = []
  const skipped: string[] = []
  const directories: string[] = []
  const unreadable: string[] = []

  async function enter(path: string, depth: number): Promise<void> {
    const { value: text, fault } = await readText(machine, path)
    if (fault !== undefined || depth > deepest) {
      unreadable.push(path)
      return
    }
    for (const part of cut(text)) {
      if (typeof part === 'string') segments.push({ file: path, text: part })
      else if (part.kind === 'file') await enter(await place(path, part.path), depth + 1)
      else await enterAll(await place(path, part.path), depth + 1)
    }
  }

  async function enterAll(directory: string, depth: number): Promise<void> {
    directories.push(directory)
    const { value: names, fault } = await machine.list(directory)
    if (fault !== undefined) {
      if (fault !== 'ENOENT') unreadable.push(directory)
      return
    }
    for (const name of [...names].sort()) {
      const path = join(directory, name)
      if (isSkipped(name)) skipped.push(path)
      else await enter(path, depth)
    }
  }

  /** A relative path is relative to the file that includes it, and %h stands for the short host name. */
  async function place(from: string, path: string): Promise<string> {
    const host = path.includes('%h') ? await readText(machine, '/proc/sys/kernel/hostname') : undefined
    const [short = ''] = (host?.value ?? '').trim().split('.')
    const whole = path.replaceAll('%h', short)
    return whole.startsWith('/') ? whole : join(dirname(from), whole)
  }

  await enter(file, 0)
  return { segments, skipped, directories, unreadable }
}

type Part = string | { readonly kind: 'file' | 'directory'; readonly path: string }

/** Cuts the text of one file at its includes. */
export function cut(text: string): Part[] {
  const parts: Part[] = []
  let lines: string[] = []
  let continued = false
  for (const line of text.split('\n')) {
    const include = continued ? null : /^\s*[@#]include(dir)?\s+(?:"([^"]*)"|((?:\\.|[^\s\\#])+))/.exec(line)
    continued = /(^|[^\\])(\\\\)*\\$/.test(line)
    if (!include) {
      lines.push(line)
      continue
    }
    parts.push(lines.join('\n'))
    lines = []
    const path = include[2] ?? (include[3] ?? '').replace(/\\(.)/g, '$1')
    parts.push({ kind: include[1] === undefined ? 'file' : 'directory', path })
  }
  parts.push(lines.join('\n'))
  return parts
}
