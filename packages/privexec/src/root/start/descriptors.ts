import { closeSync, readdirSync, readFileSync } from 'node:fs'

const closeOnExec = 0o2000000

/**
 * Closes the descriptors that whoever started this process left open and that programs of root's would inherit. Node
 * opens all of its own with close-on-exec, and sets that for those it finds, but only up to the first gap after 15.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    if (Number(name) > 2 && !isCloseOnExec(name)) closeSync(Number(name))
  }
}

/** Also true for one that is gone: the directory itself was open while it was read. */
function isCloseOnExec(descriptor: string): boolean {
  try {
    const [, flags = ''] = /^flags:\t([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? []
    return (Number.parseInt(flags, 8) & closeOnExec) !== 0
  } catch {
    return true
  }
}
