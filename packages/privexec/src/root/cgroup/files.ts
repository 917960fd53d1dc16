import { readFileSync, readSync, writeSync } from 'node:fs'

const buffer = Buffer.alloc(65_536)

/** Text of an open file of the kernel, from its beginning; more than one read gives is read in several. */
export function readText(file: number): string {
  let text = ''
  for (;;) {
    const count = readSync(file, buffer, 0, buffer.length, Buffer.byteLength(text))
    if (count === 0) return text
    text += buffer.toString('latin1', 0, count)
  }
}

/** The numbers in an open file of the kernel, one per line. */
export const readNumbers = (file: number): number[] => readText(file).split('\n').filter(Boolean).map(Number)

/** Writes to an open file of the kernel. */
export const writeText = (file: number, text: string): void => {
  writeSync(file, text)
}

/** Process that a thread belongs to; undefined when it has ended, or is in a PID namespace that is not ours (number 0). */
export function processOf(thread: number): number | undefined {
  try {
    const id = /^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, 'latin1'))?.[1]
    return id === undefined ? undefined : Number(id)
  } catch {
    return undefined
  }
}
