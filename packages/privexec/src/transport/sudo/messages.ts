import type { Readable } from 'node:stream'
import type { Fault } from '../transport.ts'

/** Characters of standard error that are kept to tell sudo's words from the program's. */
const headLength = 8192

/** Keeps the beginning of standard error, and lets it flow; what it returns gives what there is so far, as Latin-1. */
export function headOf(stderr: Readable): () => string {
  let head = ''
  stderr.on('data', (chunk: Buffer) => {
    if (head.length < headLength) head += chunk.toString('latin1')
  })
  return () => head
}

/**
 * Standard error without what sudo itself says of its surroundings: a broken neighbour file makes it print three lines
 * at every call, and a read-only /run another, and neither says anything of the command.
 */
export function withoutSudoWarnings(stderr: string): string {
  const lines = stderr.split('\n')
  const kept: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (/^\/etc\/sudoers(\.d\/[^/:]+)?:\d+:\d+: /.test(line)) {
      const pointer = lines.slice(at + 1, at + 3).findIndex(next => /^\s*\^~*$/.test(next))
      at += pointer + 1
    } else if (!bySudo.test(line)) kept.push(line)
  }
  return kept.join('\n')
}

/** Debian's sudo-rs calls itself that up to 0.2.5, and sudo later. */
const bySudo = /^sudo(?:-rs)?: /

const unprivileged =
  /^sudo(?:-rs)?: (The "no new privileges" flag is set.*|effective uid is not 0.*|.* must be owned by uid 0.*)$/m

const notFound = /^sudo(?:-rs)?: '?(\/[^:']*)'?: command not found$/m
/** Also said of a script whose interpreter is missing. */
const notExecuted = /^sudo(?:-rs)?: (?:unable to|cannot) execute '?(\/[^:']*)'?: No such file or directory/m

/**
 * What sudo's or nsenter's words make of an exit status; undefined when the program may have said it itself. A `refused`
 * is a guess that the transport confirms by asking sudo.
 */
export function faultOf(exitCode: number, stderr: string, program: string): Fault | undefined {
  if (exitCode === 1) {
    const [, privileges] = unprivileged.exec(stderr) ?? []
    if (privileges) return { kind: 'no-privileges', text: privileges }
    const path = notFound.exec(stderr)?.[1] ?? notExecuted.exec(stderr)?.[1]
    if (path) return { kind: 'missing', program: path }
    if (/^(sudo(-rs)?: .*|Sorry, user .* is not allowed to execute .*)$/m.test(stderr)) return { kind: 'refused' }
  }
  if (exitCode === 127 && stderr.includes(`nsenter: failed to execute ${program}: No such file or directory`)) {
    return { kind: 'missing', program }
  }
  return undefined
}
