import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A setting of the machine that is in force until it is released, or this process ends. */
export interface Protection {
  /** Puts back what was before. */
  release(): Promise<void>
}

/**
 * Sets `fs.protected_symlinks` to 1, without which the staging directory is no protection. A process of its own restores
 * it, so that this also happens when we are killed. Throws where the kernel does not allow it.
 */
export async function protectSymlinks(lock = '/run/privexec-attacks.lock'): Promise<Protection> {
  const script = join(import.meta.dirname, 'protect.sh')
  const child = spawn('sh', [script, lock], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const exited = once(child, 'exit')
  const [first] = await Promise.race([once(child.stdout, 'data'), exited])
  if (String(first) !== 'ready\n') throw new Error('fs.protected_symlinks cannot be set to 1 on this machine')
  return {
    release: async () => {
      child.stdin.end()
      await exited
    },
  }
}
