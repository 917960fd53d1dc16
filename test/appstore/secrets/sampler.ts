import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Canary, Finder } from './canaries.ts'

/** What {@link watch} is told on its standard input. */
export interface Watched {
  readonly canaries: readonly Pick<Canary, 'name' | 'core'>[]
  /** Where temporary files may lie. */
  readonly directories: readonly string[]
  /** Beginnings of paths where secrets may be. */
  readonly except: readonly string[]
}

/** What was seen until the end of standard input. */
export interface Seen {
  readonly samples: number
  readonly processes: number
  readonly files: number
  readonly found: readonly string[]
}

/** Milliseconds between two looks, and how often one process is looked at: its argv and environ hardly change. */
const interval = 15
const looks = 3
/** Of so many looks one is at files, too. */
const filesEvery = 4
const largest = 4_000_000

/** Looks at argv and environment of all processes, and at temporary files, again and again. */
async function watch(): Promise<void> {
  let text = ''
  let isOver = false
  const { promise: told, resolve } = Promise.withResolvers<void>()
  process.stdin.on('data', chunk => {
    text += String(chunk)
    if (text.includes('\n')) resolve()
  })
  process.stdin.on('end', () => {
    isOver = true
  })
  await told
  const { canaries, directories, except } = JSON.parse(text) as Watched
  const finder = new Finder(canaries)
  const processes = new Map<string, number>()
  const files = new Set<string>()
  const found = new Set<string>()
  const look = (where: string, read: () => Buffer): void => {
    try {
      for (const name of finder.in(read())) found.add(`${name}: ${where}`)
    } catch {
      // It is gone by now.
    }
  }
  let samples = 0
  for (; !isOver; samples++) {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      const key = keyOf(pid)
      const times = processes.get(key) ?? 0
      if (key === '' || times === looks) continue
      processes.set(key, times + 1)
      for (const part of ['cmdline', 'environ'])
        look(`${part} of ${nameOf(pid)}`, () => readFileSync(`/proc/${pid}/${part}`))
    }
    for (const path of samples % filesEvery === 0
      ? directories.flatMap(directory => filesBelow(directory, except))
      : []) {
      const status = statSync(path, { throwIfNoEntry: false })
      if (status === undefined || status.size > largest) continue
      const key = `${path} ${status.ino} ${status.size} ${status.mtimeMs}`
      if (files.has(key)) continue
      files.add(key)
      look(path, () => readFileSync(path))
    }
    await new Promise(next => setTimeout(next, interval))
  }
  const seen: Seen = { samples, processes: processes.size, files: files.size, found: [...found] }
  process.stdout.write(JSON.stringify(seen))
}

/** Process and its program: after an execve it is another one. */
function keyOf(pid: string): string {
  try {
    const [, start = ''] = /\) (?:\S+ ){19}(\S+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
    return `${pid} ${start} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').slice(0, 300)}`
  } catch {
    return ''
  }
}

const nameOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
  } catch {
    return pid
  }
}

/** Regular files below a directory; links are not followed, and paths that begin so are left out. */
export function filesBelow(directory: string, except: readonly string[] = []): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
      const path = join(directory, entry.name)
      if (except.some(start => path.startsWith(start))) return []
      return entry.isDirectory() ? filesBelow(path, except) : entry.isFile() ? [path] : []
    })
  } catch {
    return []
  }
}

if (import.meta.main) await watch()
