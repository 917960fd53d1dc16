import { readFileSync } from 'node:fs'

let known: string | undefined

/**
 * Id of the running kernel's boot (`/proc/sys/kernel/random/boot_id`), or `unknown` where there is none. Together with
 * the sequence it orders records even when the clock was set back.
 */
export function bootId(): string {
  known ??= read()
  return known
}

function read(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'ascii').trim()
  } catch {
    return 'unknown'
  }
}
