import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { cgroupDirectory } from './directory.ts'
import { killThreads, writeText } from './files.ts'

/** The control group of this process, below the one that it was started in. */
export interface Home {
  /** Makes a threaded group below it, and returns its directory. */
  makeGroup(): string
  /** Moves the calling thread back from such a group. */
  comeBack(): void
  /** Moves back to where this process was started, with what it has started, and removes the group if it can. */
  leave(): void
}

/** A name that nobody else has, with what tells later whether its owner is alive. The warden knows how it begins. */
const newName = (): string => `${namePrefix()}${process.pid}-${randomBytes(4).toString('hex')}`

/** A process id says something only to processes of its own PID namespace. */
const namePrefix = (): string => `privexecd-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]}-`

/**
 * Makes a control group and moves this process there. One of our own, since a group with threaded groups below it can
 * have no others: a service manager that delegates its group to us may want to make one beside ours.
 * Throws when there is no version 2 of control groups, or no right to them.
 */
export function enterHome(): Home {
  const text = (name: string): string => readFileSync(`/proc/self/${name}`, 'utf8')
  const outside = cgroupDirectory(text('cgroup'), text('mountinfo'))
  if (outside === undefined) throw new Error('there is no cgroup file system')
  endDeserted(outside)
  const directory = `${outside}/${newName()}`
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

/** A broker that was killed leaves its groups, and when its warden was killed too, what runs in them. */
function endDeserted(outside: string): void {
  const prefix = namePrefix()
  for (const name of readdirSync(outside)) {
    if (!name.startsWith(prefix)) continue
    attempt(() => {
      const owner = Number.parseInt(name.slice(prefix.length), 10)
      if (groupOf(owner).includes(`/${name}`)) return
      endGroups(`${outside}/${name}`)
      removeGroup(`${outside}/${name}`)
    })
  }
}

const groupOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    return ''
  }
}

/** Kills what is in the groups below a directory, frozen so that it cannot start more, and waits at most a second. */
function endGroups(directory: string): void {
  const groups = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (let waited = 0; waited < 1000; waited += 2) {
    let isEmpty = true
    for (const { name } of groups) {
      const group = `${directory}/${name}`
      if (readFileSync(`${group}/cgroup.events`, 'utf8').includes('populated 0')) continue
      isEmpty = false
      writeFileSync(`${group}/cgroup.freeze`, '1')
      const threads = openSync(`${group}/cgroup.threads`, 'r')
      killThreads(threads)
      closeSync(threads)
    }
    if (isEmpty) return
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
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
