import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { cgroupDirectory } from './directory.ts'
import { writeText } from './files.ts'

/** The control group of this process, below the one that it was started in. */
export interface Home {
  /** Makes a threaded group below it, and returns its directory. */
  makeGroup(): string
  /** Moves the calling thread back from such a group. */
  comeBack(): void
  /** Moves back to where this process was started, with what it has started, and removes the group if it can. */
  leave(): void
}

const prefix = 'privexecd-'

/**
 * Makes a control group and moves this process there. One of our own, since a group with threaded groups below it can
 * have no others: a service manager that delegates its group to us may want to make one beside ours.
 * Throws when there is no version 2 of control groups, or no right to them.
 */
export function enterHome(): Home {
  const text = (name: string): string => readFileSync(`/proc/self/${name}`, 'utf8')
  const outside = cgroupDirectory(text('cgroup'), text('mountinfo'))
  if (outside === undefined) throw new Error('there is no cgroup file system')
  removeDeserted(outside)
  const directory = `${outside}/${prefix}${randomBytes(8).toString('hex')}`
  mkdirSync(directory)
  let threads: number
  try {
    threads = openSync(`${directory}/cgroup.threads`, 'w')
    move(directory)
  } catch (error) {
    rmdirSync(directory)
    throw error
  }
  let groups = 0
  return {
    makeGroup() {
      const group = `${directory}/${groups++}`
      mkdirSync(group)
      writeFileSync(`${group}/cgroup.type`, 'threaded')
      return group
    },
    comeBack: () => writeText(threads, '0'),
    leave() {
      closeSync(threads)
      for (const pid of readFileSync(`${directory}/cgroup.procs`, 'utf8').split('\n')) {
        if (pid !== '') attempt(() => move(outside, pid))
      }
      removeGroup(directory)
    },
  }
}

/** Moves a process; 0 is the calling one. */
const move = (directory: string, pid = '0'): void => writeFileSync(`${directory}/cgroup.procs`, pid)

/** A broker that was killed leaves empty groups. */
function removeDeserted(outside: string): void {
  for (const name of readdirSync(outside)) {
    if (!name.startsWith(prefix)) continue
    attempt(() => {
      const events = readFileSync(`${outside}/${name}/cgroup.events`, 'utf8')
      if (events.includes('populated 0')) removeGroup(`${outside}/${name}`)
    })
  }
}

function removeGroup(directory: string): void {
  attempt(() => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) rmdirSync(`${directory}/${entry.name}`)
    }
    rmdirSync(directory)
  })
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // What cannot be removed or moved now is in nobody's way.
  }
}
