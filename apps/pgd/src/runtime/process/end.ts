import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Holder, holderOf, isAlive, pidOf } from '../../locks/holder.ts'

/** How a server is asked to end: for good order, and without it, in which case it recovers at its next start. */
export type Manner = 'fast' | 'immediate'

/** Milliseconds between the steps of force. */
const step = 5000

/**
 * Ends a server with all its processes, by force where `seconds` do not do. Resolves to whether it ended in good order,
 * which is: no force was needed.
 */
export async function endServer(server: Holder, seconds: number, manner: Manner = 'fast'): Promise<boolean> {
  if (manner === 'fast' && (await signalled(server, 'SIGINT', seconds * 1000))) return true
  if (await signalled(server, 'SIGQUIT', step)) return manner === 'immediate'
  // Its processes notice that it is gone; those that hang do not, and hold its memory and files.
  const children = childrenOf(pidOf(server))
  await signalled(server, 'SIGKILL', step)
  for (const child of children) await ended(child, 1000)
  for (const child of children) await signalled(child, 'SIGKILL', step)
  return false
}

/** Ends a process by force. */
export const endNow = (target: Holder): Promise<boolean> => signalled(target, 'SIGKILL', step)

async function signalled(target: Holder, signal: NodeJS.Signals, limit: number): Promise<boolean> {
  if (!isAlive(target)) return true
  try {
    process.kill(pidOf(target), signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
    throw error
  }
  return ended(target, limit)
}

async function ended(target: Holder, limit: number): Promise<boolean> {
  const until = performance.now() + limit
  for (let pause = 5; isAlive(target); pause = Math.min(pause * 1.5, 50)) {
    if (performance.now() > until) return false
    await sleep(pause)
  }
  return true
}

/** Processes that a process started; none where the system does not tell. */
function childrenOf(pid: number): readonly Holder[] {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name) && parentOf(name) === pid)
      .map(name => holderOf(Number(name)))
      .filter(holder => holder !== undefined)
  } catch {
    return []
  }
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name in parentheses, which may hold any character: state, parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
